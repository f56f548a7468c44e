import assert from 'node:assert/strict';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { summarizeOffline } from '../../../../src/engine/offline/index.ts';

/** Offline summary of a log, and the digest that a model reads. */
async function summarize(lines: readonly string[]): Promise<{ readonly summary: string; readonly digest: string }> {
  const text = lines.join('\n');
  const folded = await fold('log', text, () => Promise.resolve());
  assert.ok(folded);
  const { sourceLines, foldedLines, facts } = folded;
  const chunk = {
    text: folded.text,
    startLine: 1,
    endLine: lines.length,
    sourceLines,
    tokens: 1,
    context: '',
    priority: 0,
  };
  const prepared = {
    kind: 'log' as const,
    chunks: [chunk],
    lines: lines.length,
    foldedLines,
    masked: 0,
    invisible: 0,
    length: text.length,
    facts,
    ...(folded.log ? { log: folded.log } : {}),
  };
  const pieces = await summarizeOffline({ parts: [{ title: 'a.log', prepared }], length: 'standard' }, () =>
    Promise.resolve(),
  );
  return { summary: pieces.map((piece) => piece.text).join(''), digest: folded.text };
}

const two = (n: number): string => String(n).padStart(2, '0');

describe('times of a log', () => {
  it('are those of logfmt too, wherever the field stands', async () => {
    const time = (i: number): string => `2026-04-24T19:${two(Math.floor(i / 60))}:${two(i % 60)}Z`;
    const lines = Array.from({ length: 1500 }, (_, i) => `logger=x t=${time(i)} level=info msg="step ${i} is done"`);
    const { summary } = await summarize(lines);
    assert.match(summary, /Time: 2026-04-24T19:00:00Z to 2026-04-24T19:24:59Z \(24 minutes 59 seconds\)/);
  });

  it('without leading zeros are the first and the last of the records', async () => {
    const start = Date.UTC(2026, 10, 3, 22, 15, 0, 241);
    const lines = Array.from({ length: 1_296 }, (_, i) => {
      const at = new Date(start + i * 7_402);
      const day = `2026${two(at.getUTCMonth() + 1)}${two(at.getUTCDate())}`;
      const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds(), at.getUTCMilliseconds()].join(':');
      return `${day}-${time}|Step|3000|onExtend ${i}`;
    });
    const { summary, digest } = await summarize(lines);
    for (const text of [summary, digest]) {
      assert.match(text, /Time: [^\n]*22:15:0/);
      assert.match(text, /Time: [^\n]* to [^\n]*0:54:/);
    }
    assert.doesNotMatch(summary, /Over (?:45|20) hours/);
  });

  it('are those of the records, not that of a file’s name before them', async () => {
    const lines = Array.from({ length: 260 }, (_, i) => {
      const at = new Date(Date.UTC(2026, 4, 16) + i * 300_700).toISOString().replace('T', ' ').slice(0, 23);
      return `api.log.1.2026-05-16_13:53:08 ${at} 25746 INFO wsgi GET /servers/${i % 12} status 200`;
    });
    const { summary, digest } = await summarize(lines);
    for (const text of [summary, digest]) assert.match(text, /Time: 2026-05-16 00:00:00[^\n]* to 2026-05-16 21:3/);
    assert.match(summary, /21 hours 3\d minutes/);
  });
});

describe('errors of a log', () => {
  it('are named by count, the frequent kind before the rare ones', async () => {
    const lines: string[] = [];
    const stamp = (): string => {
      const n = lines.length;
      return `Sun Dec 06 ${two(Math.floor(n / 60) % 24)}:${two(n % 60)}:0${n % 10} 2026`;
    };
    for (let i = 0; lines.length < 1_436; i++) {
      if (i % 5 < 2 && i < 1_400)
        lines.push(`[${stamp()}] [error] gateway child workerEnv in error state ${6 + (i % 3)}`);
      else if (i % 120 === 7) lines.push(`[${stamp()}] [error] cannot find child ${1500 + i} in scoreboard`);
      else lines.push(`[${stamp()}] [notice] worker init ok /etc/w/${i % 40}.conf`);
    }
    const count = lines.filter((line) => line.includes('gateway child')).length;
    const { summary, digest } = await summarize(lines);
    const counted = new RegExp(`${count}×[^\\n]*gateway child`);
    assert.match(summary, counted);
    assert.ok(summary.search(counted) < summary.search(/cannot find child/) || !/cannot find child/.test(summary));
    assert.match(digest, new RegExp(`${count}×`));
  });

  it('are one kind with its count where klog writes into the journal, and its levels are counted', async () => {
    const lines = Array.from({ length: 280 }, (_, i) => {
      const minute = two(Math.floor(i / 11));
      const at = `12:${minute}:${two((i * 5) % 60)}`;
      return i % 14 === 1
        ? `Nov 03 ${at} node-a kubelet[1185]: E1103 ${at}.702185    1185 pod_workers.go:1298] "Error syncing pod, skipping" err="CrashLoopBackOff: back-off 5m0s" pod="shop/cart-3"`
        : `Nov 03 ${at} node-a kubelet[1185]: I1103 ${at}.879699    1185 kubelet.go:2447] "SyncLoop" pod="shop/cart-${i % 9}"`;
    });
    const { summary } = await summarize(lines);
    assert.match(summary, /Levels: error 20, info 260/);
    assert.match(summary, /20×[^\n]*Error syncing pod/);
    assert.equal(summary.match(/Error syncing pod/g)?.length, 1);
  });
});

describe('levels of JSON records', () => {
  it('are syslog numbers only where the record is syslog’s', async () => {
    const record = (fields: object, i: number): string =>
      JSON.stringify({ ts: `2026-04-24T19:51:${two(i % 60)}Z`, ...fields, msg: `step ${i}` });
    const numbered = await summarize(Array.from({ length: 600 }, (_, i) => record({ level: i % 2 }, i)));
    assert.doesNotMatch(numbered.summary, /Levels:/);
    const journal = await summarize(Array.from({ length: 600 }, (_, i) => record({ PRIORITY: i % 2 ? '3' : '6' }, i)));
    assert.match(journal.summary, /Levels: error 300, info 300/);
  });
});
