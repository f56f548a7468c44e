/** Collapse and reduce: a node starts as soon as its members are settled; what it names `[n]` keeps its chunks through every level. */
import { takeApart } from './answer.ts';
import { createCitationWriter, type CitationWriter, type Unit } from './citations.ts';
import { askOf, endSentences, gapReasons, kindOf, modelKey, placesOf, type RunContext } from './context.ts';
import { ModelError, type ModelCall, type Stage } from './model.ts';
import type { Plan } from './plan.ts';
import type { CallResult } from './schedule/scheduler-port.ts';
import type { TreeNode } from './tree.ts';
import { promptVersion } from './prompts/prompts.ts';
import { render, type Rendered } from './prompts/render.ts';
import { notesShapeOf, shapeOf } from './prompts/shapes.ts';
import { estimateTokens } from './tokens.ts';
import { turnOf } from './turns.ts';
import { namedUnits } from './whereabouts.ts';

export interface Gathered {
  /** In the order of the text. */
  readonly units: readonly Unit[];
}

const collapsePriority = 10;
const reducePriority = 20;
/** A level must take at least this share off, or the target gets smaller. */
const shrinkShare = 0.9;

/** The units below a node: notes, or what a collapse made of them. */
export async function gather(
  context: RunContext,
  node: TreeNode,
  plan: Plan,
  note: (chunk: number) => Promise<string | undefined>,
): Promise<Unit[]> {
  const children: readonly TreeNode[] =
    node.children ??
    Array.from({ length: node.last - node.first + 1 }, (_, i) => ({ first: node.first + i, last: node.first + i }));
  const lists = await Promise.all(
    children.map(async (child): Promise<Unit[]> => {
      if (child.first === child.last) {
        const text = await note(child.first);
        return text ? [{ chunks: [child.first], note: text }] : [];
      }
      const units = await gather(context, child, plan, note);
      return units.length > 1 ? collapse(context, units, plan.collapse.words, plan) : units;
    }),
  );
  return lists.flat();
}

/** Units merged into fewer words. A failed collapse passes its members on as they are: nothing is lost but brevity. */
export async function collapse(
  context: RunContext,
  units: readonly Unit[],
  words: number,
  plan: Plan,
): Promise<Unit[]> {
  // where all notes are known already, all merges are due at once
  await turnOf(context);
  const before = unitTokens(units);
  const asked = Math.max(40, Math.min(words, Math.floor(before * 0.6)));
  const rendered = render(
    'collapse',
    namedUnits(context, units),
    askOf(context, asked, notesShapeOf(context.kinds, context.source.shape === 'folder')),
    context.ports.fence,
  );
  const key = requestKey(context, 'collapse', rendered);
  const answer = await kept(context, 'collapse', key, async () => {
    const call: ModelCall = {
      stage: 'collapse',
      ...rendered,
      maxTokens: Math.min(context.limits.maxOutputTokens, Math.max(plan.collapse.maxTokens, 1_200)),
      effort: 'low',
      inputTokens: promptTokens(context, rendered),
      reusable: false,
      runWindow: plan.runWindow,
    };
    const result = await send(context, call, 'collapse', chunksOf(units), collapsePriority, asked);
    return result?.finish === 'stop' ? result.text : undefined;
  });
  if (answer === undefined) return [...units];
  const merged = unitsOf(answer, units);
  if (!merged.length) return [...units];
  if (unitTokens(merged) > before * shrinkShare)
    context.emit({
      type: 'notice',
      code: 'shrink',
      message: 'Some notes could not be made shorter and were kept as they are.',
    });
  return unitTokens(merged) < before ? merged : [...units];
}

/** The answer's points, grouped by the chunks that they draw on. */
function unitsOf(answer: string, units: readonly Unit[]): Unit[] {
  const groups = new Map<string, { chunks: number[]; lines: string[] }>();
  for (const point of takeApart(answer, units.length).points) {
    const chunks = [...new Set(point.parts.flatMap((n) => units[n - 1]?.chunks ?? []))].sort((a, b) => a - b);
    const key = chunks.join();
    const group = groups.get(key) ?? { chunks, lines: [] };
    group.lines.push(`- ${point.text}`);
    groups.set(key, group);
  }
  return [...groups.values()]
    .sort((a, b) => a.chunks[0]! - b.chunks[0]!)
    .map(({ chunks, lines }) => ({ chunks, note: lines.join('\n') }));
}

const chunksOf = (units: readonly Unit[]): number[] => [...new Set(units.flatMap((u) => u.chunks))];
export const unitTokens = (units: readonly Unit[]): number =>
  units.reduce((sum, unit) => sum + estimateTokens(unit.note) + 6, 0);

function promptTokens(context: RunContext, rendered: Rendered): number {
  return Math.ceil((estimateTokens(rendered.system) + estimateTokens(rendered.user)) * context.limits.tokenFactor);
}

/** Everything that reaches the prompt is in the key, for the key is made of the prompt. */
function requestKey(context: RunContext, stage: Stage, rendered: Rendered): string {
  return context.ports.hash(
    JSON.stringify([promptVersion, stage, modelKey(context.ports.model), rendered.system, rendered.user]),
  );
}

async function kept(
  context: RunContext,
  namespace: 'collapse' | 'reduce',
  key: string,
  produce: () => Promise<string | undefined>,
): Promise<string | undefined> {
  for (;;) {
    const claim = (await context.cache.claim(namespace, [key]))[0]!;
    if (claim.state === 'hit') return fromCache(context, namespace, claim.value);
    if (claim.state === 'theirs') {
      const value = await claim.wait(context.signal);
      if (value === undefined) continue;
      return fromCache(context, namespace, value);
    }
    let value: string | undefined;
    try {
      value = await produce();
    } finally {
      await claim.settle(value);
    }
    return value;
  }
}

/** A call that was not needed is told like one, so that progress adds up. */
function fromCache(context: RunContext, stage: 'collapse' | 'reduce', value: string): string {
  context.ledger.cached();
  const call = context.nextCall();
  context.emit({ type: 'call-start', call, stage, chunks: [] });
  context.emit({ type: 'call-end', call, stage, outcome: 'cached', ms: 0, attempts: 0, usage: {} });
  return value;
}

/** One call of a merge as its events: one start, one end, whatever comes of it. */
function tellCall(
  context: RunContext,
  stage: Stage,
  chunks: readonly number[],
): { start(): void; done(result: CallResult): void; failed(error: unknown): boolean } {
  const call = context.nextCall();
  let started = false;
  const start = (): void => {
    if (!started) context.emit({ type: 'call-start', call, stage, chunks });
    started = true;
  };
  return {
    start,
    done({ usage, attempts, ms }) {
      start();
      context.ledger.add('reduce', usage, attempts);
      context.emit({ type: 'call-end', call, stage, outcome: 'done', ms, attempts, usage });
    },
    /** Whether it was cancelled rather than failed. */
    failed(error) {
      start();
      const cancelled = context.signal.aborted || kindOf(error) === 'cancelled';
      const outcome = cancelled ? 'cancelled' : 'failed';
      context.emit({ type: 'call-end', call, stage, outcome, ms: 0, attempts: 1, usage: {} });
      return cancelled;
    },
  };
}

async function send(
  context: RunContext,
  call: ModelCall,
  stage: 'collapse',
  chunks: readonly number[],
  priority: number,
  words: number,
): Promise<{ text: string; finish: string } | undefined> {
  if (!context.ledger.reserve('reduce', call.inputTokens, words * 1.5)) return undefined;
  const told = tellCall(context, stage, chunks);
  try {
    const result = await context.ports.scheduler.run({
      model: context.ports.model,
      call,
      run: context.id,
      priority,
      outputTokens: Math.ceil(words * 1.4),
      hedge: true,
      signal: context.signal,
      onStart: told.start,
      onWait: (wait) => context.emit({ type: 'wait', stage, ...wait }),
    });
    told.done(result);
    return result;
  } catch (error) {
    const cancelled = told.failed(error);
    if (cancelled) throw error;
    return undefined;
  }
}

export interface Reduced {
  readonly text: string;
  readonly writer: CitationWriter;
  /** False: it was cut off and could not be finished. */
  readonly whole: boolean;
}

/** The last call: streamed, cited, restarted when it breaks, continued when it is cut. Throws where no text came at all. */
export async function reduce(
  context: RunContext,
  units: readonly Unit[],
  plan: Plan,
  stage: 'reduce' | 'ask',
  onFirstText: () => void,
): Promise<Reduced> {
  let members = [...units];
  for (
    let level = 0;
    level < 4 && stage === 'reduce' && unitTokens(members) > roomFor(context, plan) && members.length > 1;
    level++
  ) {
    const target = Math.max(40, Math.floor(plan.collapse.words / (level + 1)));
    const groups = inGroups(members, roomFor(context, plan));
    members = (
      await Promise.all(
        groups.map((group) => (group.length > 1 ? collapse(context, group, target, plan) : Promise.resolve(group))),
      )
    ).flat();
  }
  for (let attempt = 0; ; attempt++) {
    try {
      return await writeSummary(context, members, plan, stage, onFirstText);
    } catch (error) {
      // the window is smaller than believed: the notes are merged until they fit
      if (
        stage === 'ask' ||
        !ModelError.is(error, 'too-long') ||
        members.length < 2 ||
        attempt >= 3 ||
        members.some((m) => !m.note)
      )
        throw error;
      const room = Math.max(200, Math.min(unitTokens(members) / 2, (error.limitTokens ?? Infinity) / 3));
      const groups = inGroups(members, room);
      const target = Math.max(30, Math.floor((room * 0.6) / groups.length));
      const merged = (await Promise.all(groups.map((group) => collapse(context, group, target, plan)))).flat();
      if (unitTokens(merged) >= unitTokens(members)) throw error;
      members = merged;
    }
  }
}

async function writeSummary(
  context: RunContext,
  members: readonly Unit[],
  plan: Plan,
  stage: 'reduce' | 'ask',
  onFirstText: () => void,
): Promise<Reduced> {
  const { options } = context;
  const shape = shapeOf(context.kinds, context.source.shape === 'folder');
  const ask = {
    ...askOf(context, plan.reduce.words, shape),
    ...(options.question ? { question: options.question } : {}),
  };
  const rendered = render(stage, namedUnits(context, members), ask, context.ports.fence);
  const key = requestKey(context, stage, rendered);
  let output = '';
  let writer = createWriter(context, members);
  const show = (piece: string): void => {
    const text = writer.push(piece);
    if (!text) return;
    if (!output) onFirstText();
    output += text;
    context.emit({ type: 'delta', text });
  };
  const restart = (reason: string): void => {
    if (output) context.emit({ type: 'restart', reason });
    output = '';
    writer = createWriter(context, members);
  };
  let whole = true;
  let streamed = false;
  const raw = await kept(context, 'reduce', key, async () => {
    streamed = true;
    const result = await stream(context, rendered, stage, chunksOf(members), plan, show, restart);
    whole = result.whole;
    return whole ? result.text : undefined;
  });
  if (!streamed && raw !== undefined) show(raw);
  const rest = writer.end();
  if (rest) {
    if (!output) onFirstText();
    output += rest;
    context.emit({ type: 'delta', text: rest });
  }
  if (writer.dropped)
    context.emit({ type: 'notice', code: 'marks-dropped', message: `${writer.dropped} invented marks were dropped.` });
  return { text: output, writer, whole };
}

function createWriter(context: RunContext, units: readonly Unit[]): CitationWriter {
  return createCitationWriter(units, context.locator, placesOf(context), (citation) => context.emit(citation));
}

function roomFor(context: RunContext, plan: Plan): number {
  const window = context.limits.contextWindow - plan.reduce.maxTokens - 600;
  return Math.max(
    200,
    Math.min(Math.max(plan.reduce.maxInput * 1.5, 24_000), window) / context.limits.tokenFactor / 1.08,
  );
}

/** Runs of neighbours that fit one call. */
function inGroups(units: readonly Unit[], room: number): Unit[][] {
  const groups: Unit[][] = [];
  let size = Infinity;
  for (const unit of units) {
    const tokens = unitTokens([unit]);
    if (size + tokens > room * 0.9) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(unit);
    size += tokens;
  }
  return groups;
}

/** Streams the answer; a `length` ending means going on, not being done. */
async function stream(
  context: RunContext,
  rendered: Rendered,
  stage: 'reduce' | 'ask',
  chunks: readonly number[],
  plan: Plan,
  show: (piece: string) => void,
  restart: (reason: string) => void,
): Promise<{ text: string; whole: boolean }> {
  let text = '';
  let empty = 0;
  let maxTokens = Math.min(plan.reduce.maxTokens, context.limits.maxOutputTokens);
  for (let round = 0; round < 4; round++) {
    const tail = text.slice(-200);
    const user = text
      ? `${rendered.user}\nYour answer so far ends with:\n${tail}\nGo on exactly there; repeat nothing.`
      : rendered.user;
    const before = text;
    const told = tellCall(context, stage, chunks);
    let result;
    try {
      result = await context.ports.scheduler.run({
        model: context.ports.model,
        call: {
          stage,
          system: rendered.system,
          user,
          stop: rendered.stop,
          maxTokens,
          effort: 'default',
          inputTokens: promptTokens(context, { ...rendered, user }),
          reusable: plan.strategy === 'single',
          reusableLength: rendered.textLength,
          runWindow: plan.runWindow,
        },
        run: context.id,
        priority: reducePriority,
        outputTokens: Math.ceil(plan.reduce.words * 1.4),
        hedge: true,
        signal: context.signal,
        onStart: told.start,
        onText: show,
        onRestart: (reason) => {
          restart(gapReasons[reason]);
          if (before) show(before);
        },
        onWait: (wait) => context.emit({ type: 'wait', stage, ...wait }),
      });
    } catch (error) {
      const cancelled = told.failed(error);
      if (before && !cancelled) return { text: before, whole: false };
      throw error;
    }
    told.done(result);
    text = before + result.text;
    if (result.finish === 'stop' && /[\p{L}\p{N}]/u.test(text)) return { text, whole: true };
    if (result.finish === 'refused' || result.finish === 'content-filter' || result.finish === 'too-long') {
      if (!/[\p{L}\p{N}]/u.test(text))
        throw new ModelError({ kind: result.finish, message: endSentences[result.finish] });
      return { text, whole: false };
    }
    if (!/[\p{L}\p{N}]/u.test(result.text)) {
      if (++empty > 2) break;
      maxTokens = Math.min(context.limits.maxOutputTokens, maxTokens * 4);
    }
  }
  if (!/[\p{L}\p{N}]/u.test(text)) throw new ModelError({ kind: 'unknown', message: endSentences.empty });
  return { text, whole: false };
}
