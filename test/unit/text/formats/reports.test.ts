import assert from 'node:assert/strict';
import { readText } from '../../../support/formats.ts';

describe('reports of tests', () => {
  const report = `<?xml version="1.0"?>
<testsuites><testsuite name="math" tests="3">
  <testcase classname="math" name="adds" time="0.5"/>
  <testcase classname="math" name="cuts" time="1.5">
    <failure message="expected 3 to equal 4">AssertionError
    at math.test.js:12</failure>
  </testcase>
  <testcase classname="math" name="divides"><skipped message="flaky"/></testcase>
</testsuite><testsuite name="io">
  <testcase classname="io" name="opens" time="1,200.0"><error><![CDATA[def opens():
E   OSError: no such file]]></error></testcase>
</testsuite></testsuites>
`;

  it('state nothing where two reports follow each other', async () => {
    const one = '<testsuite name="a"><testcase name="b"/></testsuite>';
    assert.equal((await readText('a.xml', `${one}\n${one}`)).points, undefined);
  });

  it('in JUnit XML: failures with their message and trace, passed ones as counts', async () => {
    const { points, text, prepared } = await readText('TEST-all.xml', report);
    assert.equal(points![0], '4 tests: 1 failed, 1 with an error, 1 passed, 1 skipped, 20 min 2 s in all.');
    assert.deepEqual(points!.slice(1, 4), [
      'math › cuts: expected 3 to equal 4',
      'io › opens: OSError: no such file',
      '1 test skipped: flaky (math › divides)',
    ]);
    assert.match(text, / {2}AssertionError\n {6}at math\.test\.js:12/);
    assert.match(text, /^math: 1 of 3 passed, 2 s$/m);
    assert.equal(prepared.format!.points[1]!.line, 5);
  });

  it('state nothing where XML ends too early', async () => {
    assert.equal((await readText('TEST-all.xml', report.slice(0, 420))).points, undefined);
  });

  it('in TAP: what failed, to do and left out, missing results', async () => {
    const tap =
      'TAP version 14\n1..5\nok 1 - opens\nnot ok 2 - reads\n  ---\n  message: "got 3"\n  ...\nok 3 # SKIP no network\nnot ok 4 - cuts # TODO later\n';
    const { points } = await readText('run.tap', tap);
    assert.deepEqual(points, [
      '4 tests: 1 failed, 1 passed, 1 skipped, 1 to do.',
      '5 tests planned, 4 reported.',
      'reads: got 3',
      '1 test skipped: no network (line 8)',
      '1 test to do: later (cuts)',
    ]);
    assert.match((await readText('run.tap', `${tap}Bail out! no disk\n`)).points![1]!, /^Bailed out: no disk$/);
  });
});

describe('coverage', () => {
  it('of lcov counts a file of two records once, and nothing where the beginning is missing', async () => {
    const record = 'SF:a.js\nFNDA:1,run\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nDA:1,1\nDA:2,0\nend_of_record\n';
    assert.match(
      (await readText('lcov.info', record + record)).points![0]!,
      /50 % of 2 lines .*, 50 % of 2 branches, 100 % of 1 function/,
    );
    assert.equal((await readText('lcov.info', record.slice(8) + record)).points, undefined);
  });

  it('in lcov: counted from the lines, the files that lack most first', async () => {
    const { points } = await readText(
      'lcov.info',
      'TN:\nSF:src/a.ts\nFN:1,f\nFNDA:0,f\nDA:1,1\nDA:2,0\nDA:3,0\nDA:9,0\nBRDA:1,0,0,1\nBRDA:1,0,1,-\nend_of_record\nSF:src/b.ts\nDA:1,4\nend_of_record\n',
    );
    assert.deepEqual(points, [
      'Coverage of 2 files: 40 % of 5 lines (2 covered), 50 % of 2 branches, 0 % of 1 function.',
      'src/a.ts: 25 % (3 lines of 4 not covered: 2–3, 9)',
    ]);
    assert.equal((await readText('lcov.info', 'SF:src/a.ts\nDA:1,1\nDA:2,0\n')).points, undefined);
  });

  it('in Cobertura, JaCoCo and Clover', async () => {
    const cobertura =
      '<coverage line-rate="0.5"><packages><package><classes><class filename="a.py"><methods/><lines><line number="1" hits="1"/><line number="2" hits="0" condition-coverage="50% (1/2)"/></lines></class></classes></package></packages></coverage>';
    assert.deepEqual((await readText('coverage.xml', cobertura)).points!.slice(0, 1), [
      'Coverage of 1 file: 50 % of 2 lines (1 covered), 50 % of 2 branches.',
    ]);
    const jacoco =
      '<report name="x"><package name="a/b"><sourcefile name="C.java"><line nr="3" mi="0" ci="2"/><line nr="4" mi="1" ci="0"/><counter type="METHOD" missed="1" covered="1"/></sourcefile></package></report>';
    assert.deepEqual((await readText('jacoco.xml', jacoco)).points, [
      'Coverage of 1 file: 50 % of 2 lines (1 covered), 50 % of 2 functions.',
      'a/b/C.java: 50 % (1 line of 2 not covered: 4)',
    ]);
    const clover =
      '<coverage generated="1"><project><file name="a.php" path="/x/a.php"><line num="1" type="method" count="0"/><line num="2" type="stmt" count="3"/></file></project></coverage>';
    assert.match((await readText('clover.xml', clover)).points![0]!, /^Coverage of 1 file: 50 % of 2 lines/);
  });
});

describe('profiles', () => {
  const frame = (functionName: string) => ({ functionName, url: 'file:///x/src/a.js', lineNumber: 4 });

  it('of V8: shares by function, recursion counted once', async () => {
    const profile = {
      nodes: [
        { id: 1, callFrame: { functionName: '(root)', url: '', lineNumber: -1 }, children: [2, 5] },
        { id: 2, callFrame: frame('work'), children: [3] },
        { id: 3, callFrame: frame('work'), children: [4] },
        { id: 4, callFrame: frame('leaf') },
        { id: 5, callFrame: { functionName: '(idle)', url: '', lineNumber: -1 } },
      ],
      startTime: 0,
      endTime: 4_000_000,
      samples: [2, 3, 4, 5],
      timeDeltas: [0, 1_500_000, 1_500_000, 1_000_000],
    };
    const { points } = await readText('x.cpuprofile', JSON.stringify(profile));
    assert.equal(points![0], 'CPU profile of 4 s, 4 samples.');
    assert.deepEqual(points!.slice(1), [
      'work (src/a.js:5): 75.0 %',
      'leaf (src/a.js:5): 25.0 %',
      'work (src/a.js:5): 100.0 %',
      'leaf (src/a.js:5): 25.0 %',
    ]);
  });

  it('of pprof: the table, and no text that quotes one', async () => {
    const table =
      'File: app\nType: cpu\nDuration: 30s, Total samples = 2s\nShowing nodes accounting for 2s, 100% of 2s total\n      flat  flat%   sum%        cum   cum%\n     1.50s 75.00% 75.00%      1.50s 75.00%  runtime.memmove\n     0.50s 25.00%   100%      2.00s   100%  main.run (inline)\n';
    const { points } = await readText('top.txt', table);
    assert.match(points![0]!, /Type: cpu; Duration: 30s, Total samples = 2s/);
    assert.equal(points![1], 'runtime.memmove: 1.50s (75 %)');
    assert.equal((await readText('guide.md', `# Profiles\n\n${table}`)).points, undefined);
  });
});
