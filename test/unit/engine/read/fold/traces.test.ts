import assert from 'node:assert/strict';
import { foldLog } from '../../../../../src/engine/read/fold/log/foldLog.ts';

/** What a language prints below a record of failure. */
const traces: Readonly<Record<string, readonly string[]>> = {
  Java: [
    'java.lang.IllegalStateException: no crane',
    '\tat a.b.Crane.lift(Crane.java:12)',
    '\tat a.b.Main.main(Main.java:3)',
    'Caused by: java.io.IOException: closed',
    '\t... 2 more',
  ],
  Python: [
    'Traceback (most recent call last):',
    '  File "/app/crane.py", line 12, in lift',
    '    raise ValueError("no crane")',
    'ValueError: no crane',
  ],
  '.NET': [
    'System.InvalidOperationException: no crane',
    '   at App.Crane.Lift() in /src/Crane.cs:line 12',
    '   at App.Program.Main() in /src/Program.cs:line 3',
  ],
  Node: ['Error: no crane', '    at lift (/app/crane.js:12:5)', '    at main (/app/main.js:3:1)'],
  PHP: ['PHP Stack trace:', 'PHP   1. {main}() /app/main.php:0', 'PHP   2. lift() /app/main.php:12'],
  Ruby: ["/app/crane.rb:12:in `lift': no crane (RuntimeError)", "\tfrom /app/main.rb:3:in `<main>'"],
  Go: [
    'panic: no crane',
    '',
    'goroutine 1 [running]:',
    'main.lift(0x1)',
    '\t/app/crane.go:12 +0x1d',
    'main.main()',
    '\t/app/main.go:3 +0x20',
  ],
  Rust: [
    "thread 'main' panicked at src/crane.rs:12:5:",
    'no crane',
    'stack backtrace:',
    '   0: crane::lift',
    '             at ./src/crane.rs:12:5',
    '   1: crane::main',
  ],
};
const time = (i: number): string =>
  `2026-10-01 10:${String(Math.floor(i / 60)).padStart(2, '0')}:${String(i % 60).padStart(2, '0')}`;

describe('traces in logs', () => {
  for (const [language, trace] of Object.entries(traces))
    it(`of ${language} are told once, with their count`, async () => {
      const lines = Array.from({ length: 300 }, (_, i) =>
        i % 10 === 5
          ? [`${time(i)} ERROR job failed`, ...trace]
          : [`${time(i)} INFO job ${i} of the crane at the harbour is done and reported`],
      ).flat();
      const folded = await foldLog(lines.join('\n'), () => Promise.resolve());
      const failed = folded?.log?.kinds.filter(({ form }) => form.includes('job failed')) ?? [];
      assert.deepEqual(
        failed.map(({ count }) => count),
        [30],
        language,
      );
      const shown = folded!.text
        .split('\n')
        .filter((line) => line.trim() === trace[1]!.trim() && line.trim() !== '').length;
      assert.ok(shown <= 3, `${shown} times ${trace[1]}`);
      assert.ok(
        folded!.text.includes((trace.find((line) => /crane/.test(line)) ?? trace.at(-1)!).trim()),
        folded!.text.slice(0, 600),
      );
    });
});
