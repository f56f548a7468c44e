import assert from 'node:assert/strict';
import { isEntry, isNotice, isWordless, looksLikeChat, parseMessage } from '../../../../src/engine/read/chat.ts';
import { route } from '../../../../src/engine/read/detectKind.ts';
import type { SourcePart } from '../../../../src/engine/source.ts';
import { createCleaner } from '../../../../src/engine/text.ts';
import { runOffline } from '../../../../src/engine/offline/run.ts';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { prepare } from '../../../../src/engine/read/prepare.ts';

const forms: readonly string[] = [
  '[1.10.2026 08:37:00] Elif: moved to Friday',
  '[01/10/26, 8:37:00\u202fAM] Elif: moved to Friday',
  '\u200e[1/10/2026, 08:37:00] ~\u202fElif: moved to Friday',
  '01.10.26, 08:37 - Elif: moved to Friday',
  '1/10/26, 8:37 AM - Elif: moved to Friday',
  '01/10/2026 à 08:37 - Elif: moved to Friday',
  '2026-10-01, 08:37 - Elif: moved to Friday',
  '2026/10/01 8:37 - Elif: moved to Friday',
];
const chat = [
  '[23.9.2026 17:00:28] Team: Messages are end-to-end encrypted.',
  '[1.10.2026 08:37:00] Elif: I cannot come on that day, sorry.',
  '[1.10.2026 09:04:01] Nur Özdemir: The new firm is Kuzey Lojistik,',
  'they begin on Monday.',
  '\u200e[1.10.2026 09:09:02] Elif: \u200eimage omitted',
  '[2.10.2026 09:48:03] ~ Bora K.: We move it to 3 November because the crane is broken.',
  ...Array.from(
    { length: 12 },
    (_, i) => `[2.10.2026 10:${15 + i}:04] Elif: All right, then on 3 November, at gate ${i}.`,
  ),
].join('\n');

describe('exports of chats', () => {
  it('are read in the forms of several phones and countries', () => {
    for (const line of forms) {
      const message = parseMessage(line);
      assert.deepEqual([message?.name, message?.text], ['Elif', 'moved to Friday'], line);
    }
    const [first] = forms;
    assert.equal(route({ title: 'chat.txt', text: Array.from({ length: 5 }, () => first).join('\n') }), 'transcript');
  });

  it('tell messages from what the program says', () => {
    assert.ok(isEntry('01.10.26, 08:37 - Elif added Bora'));
    assert.equal(parseMessage('01.10.26, 08:37 - Elif added Bora'), undefined);
    assert.ok(isNotice('Messages are end-to-end encrypted.'));
    for (const text of ['image omitted', '<Media omitted>', 'görüntü dahil edilmedi', 'This message was deleted'])
      assert.ok(isWordless(text), text);
    assert.ok(!isWordless('We omitted the second part of the plan because nobody needed it.'));
  });

  it('are no logs: those have levels and no people', () => {
    assert.ok(!looksLikeChat(['2026-10-01 08:37:00 INFO server: started', '2026-10-01 08:37:01 INFO server: ready']));
  });

  it('lose the mark of direction before an entry and what stands for a picture', () => {
    const cleaner = createCleaner();
    assert.equal(
      cleaner.push(`\u200e${forms[0]!}\n[x] A: \u200eimage omitted\n`) + cleaner.end(),
      `${forms[0]!}\n[x] A: image omitted\n`,
    );
    assert.equal(cleaner.invisible, 0);
  });

  it('offline name who takes part with how much, and each message with its time and line', async () => {
    const yieldNow = async (): Promise<void> => {};
    const { signal } = new AbortController();
    const source = {
      title: 'chat.txt',
      parts: [{ title: 'chat.txt', startLine: 1, text: chat }],
      skipped: [],
      shape: 'text' as const,
    };
    const events = runOffline(
      { source, options: { length: 'detailed', language: '' } } as unknown as Parameters<typeof runOffline>[0],
      {
        prepare: (part: SourcePart) => prepare(part, { fold, yield: yieldNow }, signal),
        signal,
        yield: yieldNow,
        clock: { now: () => 0, sleep: async () => {} },
      } as unknown as Parameters<typeof runOffline>[1],
    );
    let markdown = '';
    for await (const event of events) if (event.type === 'end') ({ markdown } = event.result);
    assert.match(markdown, /Elif \(14\), Nur Özdemir \(1\), Bora K\. \(1\)/);
    assert.match(
      markdown,
      /\(2\.10\.2026 09:48:03\) \*\*Bora K\.\*\*: We move it to 3 November because the crane is broken\./,
    );
    assert.ok(!/encrypted|omitted|Team/.test(markdown));
  });

  it('begin with times of further locales', () => {
    const lines = [
      '2023/12/24 下午9:05 - 小明: 你好',
      '2023. 12. 24. 오후 9:06, 지은 : 안녕',
      '24.12.2023 klo 21.05 - Anna: Hei',
      '٢٤\u200f/١٢\u200f/٢٠٢٣، ٩:٠٥ م - أحمد: مرحبا',
    ];
    assert.deepEqual(
      lines.map((line) => [parseMessage(line)?.name, parseMessage(line)?.text]),
      [
        ['小明', '你好'],
        ['지은', '안녕'],
        ['Anna', 'Hei'],
        ['أحمد', 'مرحبا'],
      ],
    );
    assert.equal(parseMessage('2023-12-24 21:05:00, started: yes'), undefined);
  });
});
