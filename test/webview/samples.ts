/** Runs as a panel sees them: plain data, the same every time. */
import type { CitationReady, PlanReady, RunEvent, SummaryResult } from '../../src/engine/events.ts';
import type { PanelInfo } from '../../src/shared/protocol.ts';
import { emptyView, createFailedView, runView, type RunView } from '../../src/shared/runView.ts';
import { panelTexts } from '../../src/shared/texts.ts';
import type { ToPanel } from '../../src/shared/protocol.ts';

const uri = 'file:///home/logs/keepers-log.md';

export const init: ToPanel = { type: 'init', texts: panelTexts, locale: 'en' };

export const info: PanelInfo = {
  runId: 'run-1',
  length: 'standard',
  language: '',
  pinned: false,
  resumable: false,
  questions: [],
  canAsk: true,
};

export function plan(chunks = 24, changes: Partial<PlanReady> = {}): PlanReady {
  return {
    type: 'plan',
    title: 'keepers-log.md',
    provider: 'openai',
    model: 'gpt-5.2',
    mapModel: 'gpt-5.2-mini',
    host: 'api.openai.com',
    strategy: 'map-reduce',
    kinds: ['markdown'],
    lines: chunks * 100,
    tokens: chunks * 1_500,
    chunks: Array.from({ length: chunks }, (_, index) => ({
      part: 0,
      startLine: index * 100 + 1,
      endLine: index * 100 + 100,
      context: index % 3 === 0 ? 'Maintenance' : '',
    })),
    parts: [{ uri, title: 'keepers-log.md' }],
    map: 6,
    collapse: 1,
    cachedCalls: 0,
    estimate: { calls: 8, inputTokens: 38_000, outputTokens: 4_000, costUsd: 0.031, seconds: 24 },
    ...changes,
  };
}

const heads = [
  'The lamp was overhauled in **March 1911** and lost 14 days of service. [1]',
  'Fog signal: compressor replaced after the December storm. [1]',
  'Oil use fell by 12 % once the mantle burner was fitted. [1]',
  'Three wrecks in sight of the tower; all hands of the *Aurora* saved. [1]',
];

export function note(chunk: number, done = true): RunEvent {
  const first = heads[chunk % heads.length]!;
  const text = chunk % 11 === 7 ? '' : `- ${first}\n- Second point about section ${chunk + 1}. [1]`;
  return { type: 'note', chunk, text, done, cached: chunk % 5 === 0 };
}

export function citation(id: number, chunk: number): CitationReady {
  const startLine = chunk * 100 + 12;
  return {
    type: 'citation',
    id,
    uri,
    startLine,
    endLine: startLine + 5,
    chunk,
    approximate: id % 7 === 0,
    excerpt: `14 March 1911. Dismantled the lamp; new mantle burner (55 mm) fitted by Chance Bros.\nLight out 14 days, notice sent to mariners.\nOil: 3.1 gallons a night against 3.5 before.`,
  };
}

export const markdown = [
  'The log covers **1908 to 1913** at the Skerry light: a steady service interrupted twice, once by the overhaul of the lamp in March 1911 [1] and once by the December storm that took the fog signal for nine days [2].\n\n',
  '## What changed\n\n',
  '- A mantle burner of 55 mm replaced the wick lamp; oil use fell by 12 % [1][3]\n',
  '- The fog signal’s compressor was replaced in `January 1912` at a cost of £214 [4]\n',
  '- [x] Balance crane certified\n- [ ] Gallery rail still to be painted [5]\n\n',
  '## Figures\n\n',
  '| Year | Nights lit | Oil, gallons | Wrecks |\n|---|--:|--:|--:|\n| 1910 | 365 | 1,278 | 1 |\n| 1911 | 351 | 1,104 | 0 |\n| 1912 | 366 | 1,131 | 2 |\n\n',
  'The keeper derives the saving from $s = 1 - \\frac{o_1 * n_0}{o_0 * n_1}$ and notes it in the margin [6].\n\n',
  '```ts\n// nights without light\nexport function dark(nights: readonly Night[]): number {\n  return nights.filter((night) => night.lit === false).length; // 14 in 1911\n}\n```\n\n',
  '> The light was shown at sunset as usual. [7]\n\n',
  'See the [notice to mariners](https://www.example.org/notices/1911/14) for the wording; the tower’s height is given as 41 m [8].\n',
];

export function writing(share = 1): RunEvent[] {
  const events: RunEvent[] = [];
  let next = 1;
  for (const text of markdown.slice(0, Math.ceil(markdown.length * share))) {
    for (const [, id] of text.matchAll(/\[(\d+)\]/g)) {
      if (Number(id) === next) events.push(citation(next, (next++ * 3) % 24));
    }
    events.push({ type: 'delta', text });
  }
  return events;
}

export function result(changes: Partial<SummaryResult> = {}): SummaryResult {
  return {
    status: 'complete',
    markdown: markdown.join(''),
    strategy: 'map-reduce',
    provider: 'openai',
    model: 'gpt-5.2',
    usage: {
      calls: 8,
      cachedCalls: 0,
      retries: 1,
      inputTokens: 37_812,
      outputTokens: 3_904,
      cachedInputTokens: 0,
      costUsd: 0.0297,
      wallMs: 18_400,
      firstTokenMs: 900,
    },
    citations: [],
    gaps: [],
    coverage: { lines: 2_400, linesRead: 2_400, folded: 0 },
    ...changes,
  };
}

const calls = (count: number): RunEvent[] =>
  Array.from({ length: count }, (_, call): RunEvent[] => [
    { type: 'call-start', call, stage: 'map', chunks: [call] },
    { type: 'call-end', call, stage: 'map', outcome: 'done', ms: 900, attempts: 1, usage: {} },
  ]).flat();

const allNotes = Array.from({ length: 24 }, (_, index) => note(index));

export const steps = {
  reading: [{ type: 'read', length: 41_000_000, total: 100_000_000 }],
  running: [
    { type: 'masked', secrets: 2, invisible: 0 },
    plan(),
    ...calls(3),
    ...allNotes.slice(0, 11),
    note(11, false),
  ],
  writing: [plan(), ...calls(6), ...allNotes, ...writing(0.5)],
  done: [
    { type: 'masked', secrets: 2, invisible: 0 },
    plan(),
    ...calls(6),
    ...allNotes,
    ...writing(),
    verification(),
    { type: 'end', result: result() },
  ],
} satisfies Record<string, readonly RunEvent[]>;

function verification(): RunEvent {
  const text = markdown.join('');
  const at = (words: string): { start: number; end: number; claim: string } => {
    const start = text.indexOf(words);
    return { start, end: start + words.length, claim: words };
  };
  return {
    type: 'verification',
    claims: 14,
    supported: 12,
    elsewhere: 1,
    notFound: 1,
    flags: [
      { ...at('£214'), found: 'nowhere' },
      { ...at('41 m'), found: 'elsewhere', line: 1_204, uri },
    ],
  };
}

export function viewOf(events: readonly RunEvent[]): RunView {
  return events.reduce(runView, emptyView);
}

const gaps = [
  { uri, startLine: 401, endLine: 500, reason: 'the provider’s filter stopped the answer' },
  { uri, startLine: 1_301, endLine: 1_500, reason: 'no answer after 5 attempts' },
];

/** Each state that a panel can be in, as the messages that bring it there. */
export const states: Readonly<Record<string, readonly ToPanel[]>> = {
  empty: [init, { type: 'empty' }],
  reading: [init, { type: 'view', view: { ...viewOf(steps.reading), title: 'server.log' }, info }],
  running: [init, { type: 'view', view: viewOf(steps.running), info }],
  writing: [init, { type: 'view', view: viewOf(steps.writing), info }],
  waiting: [
    init,
    {
      type: 'view',
      view: viewOf([
        ...steps.running,
        { type: 'wait', stage: 'map', waitMs: 42_000, attempt: 2, reason: 'rate-limit' },
      ]),
      info,
    },
  ],
  done: [init, { type: 'view', view: viewOf(steps.done), info }],
  stale: [init, { type: 'view', view: viewOf(steps.done), info: { ...info, stale: { tokens: 2_900 } } }],
  partial: [
    init,
    {
      type: 'view',
      view: viewOf([
        ...steps.done.slice(0, -1),
        {
          type: 'end',
          result: result({ status: 'partial', gaps, coverage: { lines: 2_400, linesRead: 2_100, folded: 312 } }),
        },
      ]),
      info: { ...info, language: 'Deutsch' },
    },
  ],
  failed: [
    init,
    {
      type: 'view',
      view: createFailedView(viewOf([plan()]), {
        kind: 'auth',
        message: 'OpenAI refused the key. It may have been revoked, or it belongs to another project.',
        requestId: 'req_8c1f2a',
        actions: ['setKey', 'selectProvider', 'showLog'],
      }),
      info,
    },
  ],
  interrupted: [
    init,
    { type: 'view', view: { ...viewOf(steps.writing), phase: 'cancelled' }, info: { ...info, resumable: true } },
  ],
  batch: [init, { type: 'view', view: viewOf([plan()]), info: { ...info, batchJob: 'job-1' } }],
  asked: [
    init,
    {
      type: 'view',
      view: viewOf(steps.done),
      info: {
        ...info,
        questions: [
          {
            id: 'q1',
            question: 'What did the new compressor cost?',
            view: viewOf([
              citation(1, 9),
              {
                type: 'delta',
                text: 'The compressor was replaced in January 1912 [1]; its price is **not** in the log.',
              },
              {
                type: 'end',
                result: result({
                  markdown: 'The compressor was replaced in January 1912 [1]; its price is **not** in the log.',
                }),
              },
            ]),
          },
          { id: 'q2', question: 'Who signed the log in 1910?', view: viewOf([plan(24, { strategy: 'single' })]) },
        ],
      },
    },
  ],
};
