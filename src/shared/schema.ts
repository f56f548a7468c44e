/** Schemas of the messages; others are dropped. Type checks keep them equal to `protocol.ts`. */
import * as v from 'valibot';
import type { RunEvent } from '../engine/events.ts';
import type { FromPanel, PanelInfo, ToPanel } from './protocol.ts';
import type { ErrorView, RunView } from './runView.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const line = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.string();
const length = v.picklist(['brief', 'standard', 'detailed']);
const strategy = v.picklist(['single', 'map-reduce', 'offline']);
const stage = v.picklist(['map', 'collapse', 'reduce', 'ask']);
const kind = v.picklist([
  'auth',
  'quota',
  'rate-limit',
  'overloaded',
  'too-long',
  'refused',
  'content-filter',
  'no-model',
  'bad-request',
  'network',
  'stalled',
  'cancelled',
  'unknown',
]);
const contentKind = v.picklist([
  'code',
  'log',
  'table',
  'json',
  'diff',
  'markdown',
  'prose',
  'transcript',
  'legal',
  'config',
]);

const usage = v.object({
  inputTokens: v.optional(v.number()),
  cachedInputTokens: v.optional(v.number()),
  cacheWriteTokens: v.optional(v.number()),
  outputTokens: v.optional(v.number()),
  reasoningTokens: v.optional(v.number()),
});
const summaryUsage = v.object({
  calls: count,
  cachedCalls: count,
  retries: count,
  inputTokens: v.number(),
  outputTokens: v.number(),
  cachedInputTokens: v.number(),
  costUsd: v.optional(v.number()),
  estimated: v.optional(v.literal(true)),
  wallMs: v.number(),
  firstTokenMs: v.optional(v.number()),
});
const range = { uri: v.optional(text), startLine: line, endLine: line };
const gapRange = v.object({ ...range, count: v.optional(count), reason: text });
const coverage = v.object({
  lines: count,
  linesRead: count,
  folded: count,
  kinds: v.optional(count),
  filesRead: v.optional(count),
  filesSkipped: v.optional(v.array(v.object({ uri: text, reason: text }))),
});
const verified = { claims: count, supported: count, elsewhere: count, notFound: count };
const flag = v.object({
  start: count,
  end: count,
  claim: text,
  found: v.picklist(['elsewhere', 'nowhere']),
  line: v.optional(line),
  uri: v.optional(text),
});
const estimate = v.object({
  calls: v.number(),
  inputTokens: v.number(),
  outputTokens: v.number(),
  costUsd: v.optional(v.number()),
  readUsd: v.optional(v.number()),
  seconds: v.number(),
});
const plan = {
  title: text,
  provider: text,
  model: text,
  mapModel: text,
  host: text,
  strategy,
  kinds: v.array(contentKind),
  lines: count,
  tokens: v.number(),
  chunks: v.array(v.object({ part: count, startLine: line, endLine: line, context: text, tokens: v.optional(count) })),
  parts: v.array(v.object({ uri: v.optional(text), title: text })),
  map: count,
  collapse: count,
  cachedCalls: count,
  estimate,
};
const note = { chunk: count, text, done: v.boolean(), cached: v.boolean() };
const citation = v.object({
  type: v.literal('citation'),
  id: count,
  ...range,
  chunk: count,
  approximate: v.boolean(),
  excerpt: text,
});
const result = v.object({
  status: v.picklist(['complete', 'partial', 'cancelled']),
  markdown: text,
  strategy,
  provider: text,
  model: text,
  usage: summaryUsage,
  citations: v.array(v.object({ id: count, ...range })),
  gaps: v.array(gapRange),
  coverage,
  verification: v.optional(v.object(verified)),
});

const runEventSchema = v.variant('type', [
  v.object({ type: v.literal('read'), length: v.number(), total: v.optional(v.number()) }),
  v.object({ type: v.literal('masked'), secrets: count, invisible: count }),
  v.object({ type: v.literal('plan'), ...plan }),
  v.object({ type: v.literal('replan'), map: count, collapse: count, reason: text }),
  v.object({ type: v.literal('call-start'), call: count, stage, chunks: v.array(count) }),
  v.object({ type: v.literal('call-read'), call: count, stage, share: v.number() }),
  v.object({
    type: v.literal('call-end'),
    call: count,
    stage,
    outcome: v.picklist(['done', 'cached', 'split', 'failed', 'cancelled']),
    ms: v.number(),
    attempts: v.number(),
    model: v.optional(text),
    usage,
    costUsd: v.optional(v.number()),
    requestId: v.optional(text),
  }),
  v.object({ type: v.literal('note'), ...note }),
  v.object({ type: v.literal('wait'), stage, waitMs: v.number(), attempt: v.number(), reason: kind }),
  v.object({
    type: v.literal('notice'),
    code: v.picklist([
      'window-learned',
      'prompt-cut',
      'cost-limit',
      'marks-dropped',
      'disk-off',
      'shrink',
      'language',
      'batch',
      'repeated',
      'unreliable',
      'reader',
    ]),
    message: text,
  }),
  v.object({
    type: v.literal('gap'),
    ...range,
    reason: text,
    chunks: v.array(count),
    kind: v.picklist([...kind.options, 'cost-limit', 'offline']),
  }),
  v.object({ type: v.literal('restart'), reason: text }),
  v.object({ type: v.literal('delta'), text }),
  citation,
  v.object({ type: v.literal('verification'), ...verified, flags: v.array(flag) }),
  v.object({ type: v.literal('end'), result }),
]);

const errorAction = v.picklist([
  'setKey',
  'selectModel',
  'selectProvider',
  'openSettings',
  'retry',
  'offline',
  'pickFile',
  'showLog',
  'trust',
]);
const errorSchema = v.object({
  kind: text,
  message: text,
  requestId: v.optional(text),
  said: v.optional(text),
  actions: v.array(errorAction),
  setting: v.optional(text),
});

const runViewSchema = v.object({
  phase: v.picklist(['reading', 'mapping', 'collapsing', 'reducing', 'done', 'partial', 'cancelled', 'failed']),
  title: text,
  provider: text,
  model: text,
  host: text,
  strategy: v.optional(strategy),
  plan: v.optional(v.object(plan)),
  readLength: v.number(),
  readTotal: v.optional(v.number()),
  secrets: count,
  invisible: count,
  progress: v.object({
    mapDone: count,
    mapTotal: count,
    collapseDone: count,
    collapseTotal: count,
    reducing: v.boolean(),
    cachedCalls: count,
    calls: count,
    running: count,
    maxRunning: v.optional(count, 0),
    timed: v.optional(count, 0),
    timedMs: v.optional(v.number(), 0),
    started: v.optional(count, 0),
    startedTokens: v.optional(v.number(), 0),
    timedMaps: v.optional(count, 0),
    timedTokens: v.optional(v.number(), 0),
    callTokens: v.optional(v.record(v.pipe(v.string(), v.regex(/^\d+$/)), v.number()), {}),
    readShares: v.optional(v.record(v.pipe(v.string(), v.regex(/^\d+$/)), v.number()), {}),
  }),
  notes: v.pipe(
    v.record(v.pipe(v.string(), v.regex(/^\d+$/)), v.object(note)),
    v.transform((notes): Record<number, v.InferOutput<v.ObjectSchema<typeof note, undefined>>> => notes),
  ),
  wait: v.optional(v.object({ waitMs: v.number(), reason: text, stage: text })),
  notices: v.array(text),
  markdown: text,
  generation: count,
  citations: v.array(citation),
  gaps: v.array(gapRange),
  verification: v.optional(v.object({ ...verified, flags: v.array(flag) })),
  coverage: v.optional(coverage),
  estimate: v.optional(estimate),
  usage: v.optional(summaryUsage),
  error: v.optional(errorSchema),
});

const panelInfoSchema = v.object({
  runId: text,
  length,
  language: text,
  pinned: v.boolean(),
  stale: v.optional(v.object({ tokens: v.number() })),
  resumable: v.boolean(),
  asking: v.optional(v.boolean()),
  repeatable: v.optional(v.boolean()),
  cached: v.optional(v.boolean()),
  template: v.optional(text),
  previous: v.optional(runViewSchema),
  batchJob: v.optional(text),
  questions: v.array(v.object({ id: text, question: text, view: runViewSchema })),
  canAsk: v.boolean(),
  startedAt: v.optional(v.number()),
  place: v.optional(v.object({ scroll: v.number(), outlineOpen: v.boolean() })),
});

/** Messages to the page. */
export const toPanelSchema = v.variant('type', [
  v.object({ type: v.literal('init'), texts: v.record(text, text), locale: text }),
  v.object({ type: v.literal('view'), view: runViewSchema, info: panelInfoSchema }),
  v.object({ type: v.literal('events'), runId: text, events: v.array(runEventSchema) }),
  v.object({ type: v.literal('info'), info: panelInfoSchema }),
  v.object({ type: v.literal('failed'), error: errorSchema }),
  v.object({ type: v.literal('empty') }),
  v.object({ type: v.literal('copied') }),
  v.object({ type: v.literal('question'), id: text, question: text, events: v.array(runEventSchema) }),
  v.object({ type: v.literal('focus') }),
]);

const short = v.pipe(v.string(), v.maxLength(4_000));

/** Buttons of errors and of an empty or waiting panel: the page can name no other command. */
const panelActions = [...errorAction.options, 'summarizeFile', 'showBatchJobs', 'model'] as const;

/** Messages from the page. */
export const fromPanelSchema = v.variant('type', [
  ...plain('ready', 'cancel', 'runAgain', 'retryGaps', 'update', 'resume', 'pickLanguage', 'copy', 'secondOpinion'),
  v.strictObject({ type: v.literal('setLength'), length }),
  v.strictObject({ type: v.literal('ask'), question: v.pipe(short, v.trim(), v.minLength(1)) }),
  v.strictObject({ type: v.literal('openCitation'), id: count, question: v.optional(short) }),
  v.strictObject({ type: v.literal('openChunk'), chunk: count }),
  v.strictObject({ type: v.literal('openGap'), index: count }),
  v.strictObject({
    type: v.literal('openLink'),
    href: v.pipe(v.string(), v.maxLength(8_000), v.regex(/^https?:\/\/[^\s\\]+$/i)),
  }),
  v.strictObject({ type: v.literal('action'), action: v.picklist(panelActions) }),
  v.strictObject({
    type: v.literal('state'),
    scroll: v.pipe(v.number(), v.finite(), v.minValue(0)),
    outlineOpen: v.boolean(),
  }),
]);

function plain<const T extends string>(
  ...types: readonly T[]
): { [K in T]: v.StrictObjectSchema<{ type: v.LiteralSchema<K, undefined> }, undefined> }[T][] {
  return types.map((type) => v.strictObject({ type: v.literal(type) })) as never;
}

/** Returns a valid message to the page, or the problem. */
export function parseToPanel(value: unknown): ToPanel | Problem {
  return parse(toPanelSchema, value);
}
/** Returns a valid message from the page, or the problem. */
export function parseFromPanel(value: unknown): FromPanel | Problem {
  return parse(fromPanelSchema, value);
}
/** Why a message was dropped; never includes its content. */
export interface Problem {
  readonly type: 'problem';
  readonly problem: string;
}

function parse<const T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> | Problem {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  return { type: 'problem', problem: `${v.getDotPath(issue) ?? 'message'}: expected ${issue.expected ?? issue.type}` };
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Holds<T extends readonly true[]> = T;
/** Each `true` proves that schema and type are equal. */
export type WireIsTyped = Holds<
  [
    Same<v.InferOutput<typeof runEventSchema>, Mutable<RunEvent>>,
    Same<v.InferOutput<typeof errorSchema>, Mutable<ErrorView>>,
    Same<v.InferOutput<typeof runViewSchema>, Mutable<RunView>>,
    Same<v.InferOutput<typeof panelInfoSchema>, Mutable<PanelInfo>>,
    Same<v.InferOutput<typeof toPanelSchema>['type'], ToPanel['type']>,
    Same<v.InferOutput<typeof fromPanelSchema>['type'], FromPanel['type']>,
  ]
>;
type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;
