/** The digest of a log: what is read in its place. Counts are exact; each line says which source line it stands for. */
import { count, type Miner, type Template } from './drain.ts';
import type { Yield } from '../../ports.ts';
import { append, figure, newOutput, type Output, put, putVerbatim } from './lines.ts';
import type { LogFigures, StackRecord } from './log.ts';
import { type Detail, details, putSlots } from './slots.ts';
import { bursts, histogram } from './time.ts';
import type { FoldResult } from './types.ts';

export const levelNames = ['no level', 'debug', 'info', 'notice', 'warning', 'error', 'fatal'];

/** Most units of a digest: about 150,000 tokens of log text for the largest, below 1 % for 20 MB. */
export function digestRoom(length: number): number {
  return Math.round(Math.min(320_000, Math.max(150_000, length * 0.0092)));
}

export async function digestLog(log: LogFigures, yieldNow: Yield): Promise<FoldResult> {
  const output = newOutput();
  const room = digestRoom(log.length);
  const { rare, frequent } = sortTemplates(log, room * 0.3);
  putHeader(output, log, frequent.length, rare.length);
  putStacks(output, log, room * 0.25);
  putRare(output, rare, output.length + room * 0.35);
  await putFrequent(output, log.miner, frequent, room, yieldNow);
  putOverflow(output, log);
  return {
    text: output.lines.join('\n'),
    sourceLines: output.sourceLines,
    foldedLines: log.lines - output.verbatim.size,
    lines: log.lines,
    facts: factsOf(log, output.verbatim.size),
    length: log.length,
  };
}

const isIndented = (template: Template): boolean =>
  template.tokens[0] === '' || (template.tokens[0] ?? '').startsWith('\t');

/** Whether a template's lines, all kept so far, are few enough to be shown word for word. */
function isRare(template: Template, records: number): boolean {
  const { count: n } = template;
  if (template.counting) return false;
  return n <= 12 || (n <= 40 && (template.level >= 5 || template.alarming)) || n * 10_000 <= records;
}

/** `room`: units that the lines of rare templates may take, those seen more than twice with them; the rest of these is counted instead. */
function sortTemplates(log: LogFigures, room: number): { rare: Template[]; frequent: Template[] } {
  const rank = (t: Template): number => (t.level >= 5 || t.alarming ? 2 : t.level === 4 ? 1 : 0);
  const templates = [...log.miner.templates];
  const once = (t: Template): boolean => t.count <= 2;
  templates.sort(
    (a, b) => Number(once(b)) - Number(once(a)) || rank(b) - rank(a) || a.count - b.count || a.first - b.first,
  );
  const rare: Template[] = [];
  const frequent: Template[] = [];
  let used = 0;
  for (const template of templates) {
    const units = template.examples.reduce((sum, example) => sum + example.text.length + 1, 0);
    if (once(template) || (isRare(template, log.records) && used + units <= room)) {
      rare.push(template);
      used += units;
    } else {
      if (!template.counting) count(log.miner, template);
      frequent.push(template);
    }
  }
  frequent.sort((a, b) => rank(b) - rank(a) || b.count - a.count || a.first - b.first);
  return { rare, frequent };
}

function putHeader(output: Output, log: LogFigures, frequent: number, rare: number): void {
  put(
    output,
    `Log of ${figure(log.lines)} lines, ${figure(log.records)} records, folded: ${figure(frequent)} frequent and ${figure(rare)} rare kinds of record. All counts are exact; <*> stands for what varies.`,
    1,
  );
  const levels = levelsOf(log);
  if (levels) put(output, `Levels: ${levels}`, 1);
  const { times } = log;
  if (times.stamped === 0) return;
  put(output, `Time: ${times.first} to ${times.last}`, 1);
  const { unit, buckets } = histogram(times, 48);
  if (buckets.length > 1 && buckets.length <= 200) {
    put(output, `Lines per ${unit}: ${buckets.map((b) => `${b.label} ${figure(b.count)}`).join(' · ')}`, 1);
  }
  for (const burst of bursts(times, 3)) {
    put(
      output,
      `Burst at ${burst.label} (from line ${burst.line}): ${figure(burst.count)} ${burst.of} in one ${times.unit}, usual ${figure(burst.usual)}`,
      burst.line,
    );
  }
}

export function levelsOf(log: LogFigures): string {
  return [6, 5, 4, 3, 2, 1]
    .filter((rank) => (log.levels[rank] as number) > 0)
    .map((rank) => `${levelNames[rank]} ${figure(log.levels[rank] as number)}`)
    .join(', ');
}

/** Records of several lines: alarming and rare ones first; each kind is written out once. */
function putStacks(output: Output, log: LogFigures, room: number): void {
  if (log.stacks.size === 0) return;
  const stacks = [...log.stacks.values()].sort(
    (a, b) => Number(b.alarming) - Number(a.alarming) || a.count - b.count || a.head - b.head,
  );
  put(output, `Records of several lines (${figure(log.stacks.size)} kinds)`, (stacks[0] as StackRecord).head);
  let left = 0;
  let leftCount = 0;
  for (const stack of stacks) {
    if (output.length > room) {
      left++;
      leftCount += stack.count;
      continue;
    }
    const times = stack.count === 1 ? 'once' : `${figure(stack.count)} times, last from line ${stack.last}`;
    put(output, `${times}:`, stack.head);
    stack.lines.forEach((line, i) => putVerbatim(output, line, stack.head + i, 600));
    if (stack.length > stack.lines.length)
      put(
        output,
        `  (${figure(stack.length - stack.lines.length)} more lines of this record)`,
        stack.head + stack.lines.length,
      );
  }
  if (left > 0)
    put(output, `${figure(leftCount)} more such records of ${figure(left)} kinds are told as this count only.`, 1);
  if (log.stacksBeyond > 0)
    put(output, `${figure(log.stacksBeyond)} more such records of other kinds are told as this count only.`, 1);
}

function putRare(output: Output, rare: readonly Template[], room: number): void {
  if (rare.length === 0) return;
  put(output, 'Rare records, word for word', (rare[0] as Template).first);
  let left = 0;
  let first = 0;
  let last = 0;
  for (const template of rare) {
    for (const example of template.examples) {
      if (output.verbatim.has(example.line)) continue;
      if (output.length <= room) putVerbatim(output, example.text, example.line, 1500);
      else {
        if (left++ === 0) first = example.line;
        first = Math.min(first, example.line);
        last = Math.max(last, example.line);
      }
    }
  }
  if (left > 0)
    put(output, `${figure(left)} more rare records, in lines ${first} to ${last}, are told as this count only.`, first);
}

/** Frequent templates at the finest detail at which all of them fit; at the coarsest, those that do not fit are counted. */
async function putFrequent(
  output: Output,
  miner: Miner,
  frequent: readonly Template[],
  room: number,
  yieldNow: Yield,
): Promise<void> {
  const first = frequent[0];
  if (!first) return;
  put(output, 'Frequent kinds of record: count, lines, first example; then what varies', first.first);
  const free = room - output.length;
  for (const [i, detail] of details.entries()) {
    const trial: Output = { ...newOutput(), verbatim: new Set(output.verbatim) };
    let next = 0;
    while (next < frequent.length && trial.length < free) {
      putTemplate(trial, miner, frequent[next++] as Template, detail);
      if (next % 25 === 0) await yieldNow();
    }
    await yieldNow();
    const fits = next === frequent.length && trial.length < free;
    if (!fits && i < details.length - 1) continue;
    append(output, trial);
    const left = frequent.slice(next);
    const records = left.reduce((sum, template) => sum + template.count, 0);
    if (left.length > 0) {
      put(
        output,
        `${figure(records)} more records of ${figure(left.length)} frequent kinds are told as this count only.`,
        1,
      );
    }
    return;
  }
}

function putTemplate(output: Output, miner: Miner, template: Template, detail: Detail): void {
  const time = template.firstTime && !isIndented(template) ? `, ${template.firstTime} to ${template.lastTime}` : '';
  put(output, `${figure(template.count)}× in lines ${template.first} to ${template.last}${time}:`, template.first);
  const example = template.examples[0];
  if (example) putVerbatim(output, example.text, example.line, detail.example);
  putSlots(output, miner, template, detail);
}

function putOverflow(output: Output, log: LogFigures): void {
  const overflow = log.miner.overflow;
  if (overflow.count > 0) {
    put(
      output,
      `${figure(overflow.count)} more records of other kinds (lines ${overflow.first} to ${overflow.last}) are told as this count only; the first, and such as speak of failure:`,
      overflow.first,
    );
    const most = output.length + 40_000;
    for (const { line, text } of overflow.lines) if (output.length < most) putVerbatim(output, text, line, 600);
  }
  if (log.cut > 0) put(output, `${figure(log.cut)} lines were longer than 16,384 characters and read to there.`, 1);
}

function factsOf(log: LogFigures, verbatim: number): string {
  const levels = levelsOf(log);
  const parts = [
    `${figure(log.lines)} lines, ${figure(log.records)} records of ${figure(log.miner.templates.length)} kinds`,
  ];
  if (levels) parts.push(levels);
  if (log.times.stamped > 0) parts.push(`${log.times.first} to ${log.times.last}`);
  parts.push(`${figure(verbatim)} lines word for word, ${figure(log.lines - verbatim)} as counts`);
  return parts.join('; ');
}
