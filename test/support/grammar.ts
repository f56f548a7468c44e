/** Holds a run's events against the grammar that `src/engine/events.ts` documents. */
import type { RunEvent, SummaryResult } from '../../src/engine/events.ts';

export interface GrammarOptions {
  /** False: the run threw, so no `end` is due; what came before it is checked all the same. Default true. */
  readonly ended?: boolean;
}

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** Everything that is wrong with the stream, in words; empty: nothing. */
export function grammarProblems(events: readonly RunEvent[], options: GrammarOptions = {}): string[] {
  const ended = options.ended ?? true;
  return [
    ...orderProblems(events, ended),
    ...callProblems(events, ended),
    ...noteProblems(events),
    ...textProblems(events),
    ...resultProblems(events),
  ];
}

/** Throws with all problems. */
export function checkGrammar(events: readonly RunEvent[], options: GrammarOptions = {}): void {
  const problems = grammarProblems(events, options);
  if (problems.length > 0) throw new Error(`the stream breaks its grammar:\n${problems.slice(0, 20).join('\n')}`);
}

function orderProblems(events: readonly RunEvent[], ended: boolean): string[] {
  const problems: string[] = [];
  const count = (type: RunEvent['type']): number => events.filter((event) => event.type === type).length;
  const at = (type: RunEvent['type']): number => events.findIndex((event) => event.type === type);
  const last = events.at(-1);
  if (count('end') !== (ended ? 1 : 0)) problems.push(`${count('end')} × end`);
  if (ended && last?.type !== 'end') problems.push(`the last event is ${last?.type ?? 'none'}`);
  // A run that was cancelled while it read, or that failed, may never have had a plan.
  const mayLackPlan = !ended || (last?.type === 'end' && last.result.status === 'cancelled');
  if (count('plan') > 1 || (count('plan') === 0 && !mayLackPlan)) problems.push(`${count('plan')} × plan`);
  const plan = at('plan');
  for (const [index, event] of events.entries()) {
    const reading = event.type === 'read' || event.type === 'masked';
    if (plan >= 0 && reading && index > plan) problems.push(`#${index} ${event.type} after the plan`);
    if (
      !reading &&
      event.type !== 'plan' &&
      event.type !== 'end' &&
      event.type !== 'notice' &&
      event.type !== 'gap' &&
      (plan < 0 || index < plan)
    )
      problems.push(`#${index} ${event.type} before the plan`);
  }
  if (count('verification') > 1) problems.push(`${count('verification')} × verification`);
  const verification = at('verification');
  if (
    verification >= 0 &&
    events.slice(verification).some((event) => event.type === 'delta' || event.type === 'restart')
  )
    problems.push('text after the verification');
  return problems;
}

function callProblems(events: readonly RunEvent[], ended: boolean): string[] {
  const problems: string[] = [];
  const open = new Map<number, string>();
  const seen = new Set<number>();
  for (const [index, event] of events.entries()) {
    if (event.type === 'call-start') {
      if (seen.has(event.call)) problems.push(`#${index} call ${event.call} starts again`);
      seen.add(event.call);
      open.set(event.call, event.stage);
    }
    if (event.type === 'call-read' && !open.has(event.call))
      problems.push(`#${index} call ${event.call} reads without running`);
    if (event.type === 'call-end') {
      if (!open.has(event.call)) problems.push(`#${index} call ${event.call} ends without having started`);
      else if (open.get(event.call) !== event.stage) problems.push(`#${index} call ${event.call} changed its stage`);
      open.delete(event.call);
    }
  }
  if (ended && open.size > 0) problems.push(`calls never end: ${[...open.keys()].join(', ')}`);
  return problems;
}

function noteProblems(events: readonly RunEvent[]): string[] {
  const problems: string[] = [];
  const done = new Set<number>();
  const chunks = events.find((event): event is Event<'plan'> => event.type === 'plan')?.chunks.length ?? 0;
  for (const [index, event] of events.entries()) {
    if (event.type !== 'note') continue;
    if (event.chunk < 0 || event.chunk >= chunks) problems.push(`#${index} note of chunk ${event.chunk} of ${chunks}`);
    if (done.has(event.chunk)) problems.push(`#${index} chunk ${event.chunk} has a note after its last`);
    if (event.done) done.add(event.chunk);
  }
  return problems;
}

/** Marks of a Markdown text that stand outside of code. */
export function marksIn(markdown: string): number[] {
  const plain = markdown
    .replace(/^ {0,3}(```|~~~)[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))/gm, '')
    .replace(/(`+)(?!`)[\s\S]*?\1/g, '');
  return [...plain.matchAll(/(?<!\\)\[(\d{1,6})\](?!\()/g)].map((match) => Number(match[1]));
}

function textProblems(events: readonly RunEvent[]): string[] {
  const problems: string[] = [];
  const known = new Map<number, Event<'citation'>>();
  let text = '';
  for (const [index, event] of events.entries()) {
    if (event.type === 'restart') text = '';
    if (event.type === 'citation') {
      if (event.startLine < 1 || event.endLine < event.startLine)
        problems.push(`#${index} citation ${event.id} has lines ${event.startLine}–${event.endLine}`);
      known.set(event.id, event);
    }
    if (event.type !== 'delta') continue;
    text += event.text;
    if (!event.text.includes(']')) continue;
    const unknown = marksIn(text).filter((mark) => !known.has(mark));
    if (unknown.length > 0) {
      problems.push(`#${index} mark ${unknown.join(', ')} without a citation before it`);
      break;
    }
  }
  return problems;
}

function resultProblems(events: readonly RunEvent[]): string[] {
  const end = events.at(-1);
  if (end?.type !== 'end') return [];
  const { result } = end;
  const problems: string[] = [];
  let text = '';
  for (const event of events) {
    if (event.type === 'restart') text = '';
    if (event.type === 'delta') text += event.text;
  }
  if (text !== result.markdown) problems.push('the markdown is not what was streamed');
  const ids = new Set(result.citations.map((citation) => citation.id));
  const lost = [...new Set(marksIn(result.markdown))].filter((mark) => !ids.has(mark));
  if (lost.length > 0) problems.push(`marks ${lost.join(', ')} are not among the result's citations`);
  problems.push(...gapProblems(events, result));
  const verification = events.find((event): event is Event<'verification'> => event.type === 'verification');
  if (verification && result.verification?.claims !== verification.claims)
    problems.push('the verification is not the one that was told');
  return problems;
}

function gapProblems(events: readonly RunEvent[], result: SummaryResult): string[] {
  const gaps = events.filter((event): event is Event<'gap'> => event.type === 'gap');
  const untold = gaps.filter(
    (gap) =>
      !result.gaps.some((one) => one.uri === gap.uri && one.startLine <= gap.startLine && one.endLine >= gap.endLine),
  );
  const problems = untold.map((gap) => `the gap ${gap.startLine}–${gap.endLine} is not in the result`);
  if (result.gaps.length > 0 && result.status === 'complete') problems.push('complete, with gaps');
  return problems;
}
