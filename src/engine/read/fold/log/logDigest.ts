/** Writes a log's digest: exact counts, with source lines. What does not fit becomes gaps. */
import type { LogFacts, LogTime } from '../../../logFacts.ts';
import type { Yield } from '../../../ports.ts';
import { budgetReason, type PartGap } from '../../../source.ts';
import type { Example } from './drain.ts';
import { levelNames } from './levels.ts';
import { clip, formatFigure, createOutput, put } from '../lines.ts';
import type { LogFigures } from './log.ts';
import { BudgetFiller, getDigestBudget, type DigestLine } from './logBudget.ts';
import { collectFacts, collectKinds, collectOutliers, isRare, type Kind } from './logKinds.ts';
import { isFrame, type StackRecord } from './records.ts';
import { describeSlots, type Outlier } from '../slots.ts';
import { formatDuration } from './time.ts';
import type { FoldResult } from '../types.ts';

const sections = [
  '',
  'Errors and warnings: count, lines, first record; then what varies',
  'Records of several lines; frames that stand above are left out',
  'Rare records, word for word',
  'Frequent kinds of record: count, lines, first record; then what varies',
  'Unusual values',
  'Other records, chosen at random',
] as const;
const errorSection = 1;
const stackSection = 2;
const rareSection = 3;
const frequentSection = 4;
const outlierSection = 5;
const sampleSection = 6;

/** Of the remaining budget. */
const shares = {
  errors: 0.5,
  errorRecords: 0.4,
  stacks: 0.4,
  rare: 0.5,
  frequent: 0.5,
  outliers: 0.6,
  slots: 0.5,
} as const;

interface Digest {
  readonly log: LogFigures;
  readonly kinds: readonly Kind[];
  readonly ranks: ReadonlyMap<Kind, number>;
  readonly filler: BudgetFiller;
  readonly told: Set<Kind>;
  readonly toldStacks: Set<StackRecord>;
}

/** @param tokens budget; by the log's size if absent */
export async function digestLog(log: LogFigures, yieldNow: Yield, tokens?: number): Promise<FoldResult> {
  const kinds = collectKinds(log);
  await yieldNow();
  const outliers = collectOutliers(log, kinds);
  await yieldNow();
  const facts = collectFacts(log, kinds, outliers);
  const budget = Math.min(getDigestBudget(log.length, log.length * log.tokenRate), tokens ?? Number.POSITIVE_INFINITY);
  const digest: Digest = {
    log,
    kinds,
    ranks: new Map(kinds.map((kind, rank) => [kind, rank])),
    filler: new BudgetFiller(budget - 200),
    told: new Set(),
    toldStacks: new Set(),
  };
  digest.filler.add(0, 0, writeHeader(facts, kinds), budget);
  for (const pass of [fillErrors, fillStacks, fillRare, fillFrequent]) {
    pass(digest);
    await yieldNow();
  }
  await fillOutliers(digest, outliers, yieldNow);
  await fillSlots(digest, yieldNow);
  fillRest(digest);
  fillSamples(digest);
  return write(digest, facts);
}

function writeHeader(facts: LogFacts, kinds: readonly Kind[]): DigestLine[] {
  const lines: DigestLine[] = [];
  const outer = kinds.filter((kind) => !kind.isInner).length;
  const add = (text: string, line = 1): void => void lines.push({ text, line });
  add(
    `Log of ${formatFigure(facts.lines)} lines, ${formatFigure(facts.records)} records of ${formatFigure(outer)} kinds, folded. All counts are exact; … stands for what varies.`,
  );
  const levels = formatLevels(facts);
  if (levels) add(`Levels: ${levels}`);
  if (facts.time) addTime(facts.time, add);
  return lines;
}

/** Formats counts by level, most severe first; '' without levels. */
export const formatLevels = ({ levels }: Pick<LogFacts, 'levels'>, figure = formatFigure): string =>
  [6, 5, 4, 3, 2, 1]
    .filter((rank) => (levels[rank] ?? 0) > 0)
    .map((rank) => `${levelNames[rank]} ${figure(levels[rank] as number)}`)
    .join(', ');

function addTime(time: LogTime, add: (text: string, line?: number) => void): void {
  add(
    `Time: ${time.first} (line ${time.firstLine}) to ${time.last} (line ${time.lastLine}), ${formatDuration(time.durationMs)}`,
  );
  const { unit, buckets } = time;
  if (buckets.length > 1 && buckets.length <= 100)
    add(`Records per ${unit}: ${buckets.map((bucket) => `${bucket.label} ${formatFigure(bucket.count)}`).join(' · ')}`);
  for (const burst of time.bursts)
    add(
      `Burst at ${burst.label} (from line ${burst.line}): ${formatFigure(burst.count)} ${burst.of} in one ${burst.unit}, usual ${formatFigure(burst.usual)}`,
      burst.line,
    );
}

/** Writes count, lines and first record; a single record by itself. */
function writeBase({ variant }: Kind): DigestLine[] {
  const example = variant.examples[0] as Example;
  const record: DigestLine = { text: example.text, line: example.line, verbatim: true };
  if (variant.count === 1) return [record];
  return [
    { text: `${formatFigure(variant.count)}× in lines ${variant.first} to ${variant.last}:`, line: variant.first },
    record.text.length > 600 ? { ...record, text: clip(record.text, 600) } : record,
  ];
}

function tell({ filler, told }: Digest, kind: Kind, section: number, order: number, limit: number): boolean {
  if (told.has(kind)) return true;
  if (filler.left < 10 || !filler.add(section, order, writeBase(kind), limit)) return false;
  told.add(kind);
  return true;
}

function fillErrors(digest: Digest): void {
  const { kinds, filler, log } = digest;
  const errors = kinds.filter((kind) => kind.severity >= 4);
  let limit = filler.limit(shares.errors);
  errors.forEach((kind, order) => tell(digest, kind, errorSection, order, limit));
  limit = filler.limit(shares.errorRecords);
  errors.forEach((kind, order) => {
    if (kind.variant.count === 1 || !isRare(kind, log.records) || !digest.told.has(kind)) return;
    filler.add(errorSection, order, recordLines(kind.variant.examples.slice(1)), limit);
  });
}

const recordLines = (examples: readonly Example[]): DigestLine[] =>
  examples.map(({ text, line }) => ({ text, line, verbatim: true }));

/** Adds traces: records of failure and rare ones first, each frame once. */
function fillStacks(digest: Digest): void {
  const { log, filler } = digest;
  const stacks = [...log.stacks.kinds.values()].sort(
    (a, b) => Number(b.alarming) - Number(a.alarming) || a.count - b.count || a.head - b.head,
  );
  const limit = filler.limit(shares.stacks);
  const known = new Set<string>();
  stacks.forEach((stack, order) => {
    addStack(digest, stack, order, known, limit);
  });
}

/** Marks frames as known only if the trace is added. */
function addStack(digest: Digest, stack: StackRecord, order: number, known: Set<string>, limit?: number): void {
  const { filler, toldStacks } = digest;
  if (filler.left < 40) return;
  const own = new Set(known);
  if (!filler.add(stackSection, order, writeStacks(stack, own), limit)) return;
  toldStacks.add(stack);
  for (const frame of own) known.add(frame);
}

const maxFrames = 12;
const maxNewFrames = 60;

function writeStacks(stack: StackRecord, known: Set<string>): DigestLine[] {
  const times = stack.count === 1 ? 'once' : `${formatFigure(stack.count)} times, last from line ${stack.last}`;
  const lines: DigestLine[] = [{ text: `${times}:`, line: stack.head }];
  let frames = 0;
  let left = stack.length - stack.lines.length;
  for (const { text, line } of stack.lines) {
    const framed = isFrame(text);
    const isNew = framed && !known.has(text);
    if (framed) frames++;
    if (framed && (frames > maxNewFrames || (!isNew && frames > 1) || (frames > maxFrames && !isNew))) left++;
    else lines.push({ text, line, verbatim: true });
    if (isNew) known.add(text);
  }
  if (left > 0) lines.push({ text: `  (${formatFigure(left)} more lines of this record)`, line: stack.head });
  return lines;
}

function fillRare(digest: Digest): void {
  const { kinds, filler, log, told } = digest;
  const rare = kinds.filter((kind) => kind.severity < 4 && isRare(kind, log.records));
  rare.sort(
    (a, b) => b.severity - a.severity || a.variant.count - b.variant.count || a.variant.first - b.variant.first,
  );
  const limit = filler.limit(shares.rare);
  rare.forEach((kind, order) => {
    const unseen = kind.variant.examples.filter(({ line }) => !filler.shown.has(line));
    if (unseen.length === 0 || filler.add(rareSection, order, recordLines(unseen), limit)) told.add(kind);
    else tell(digest, kind, frequentSection, order, limit);
  });
}

const listFrequent = ({ kinds, log }: Digest): Kind[] =>
  kinds
    .filter((kind) => kind.severity < 4 && !isRare(kind, log.records))
    .sort(
      (a, b) => Number(a.isInner) - Number(b.isInner) || b.severity - a.severity || b.variant.count - a.variant.count,
    );

function fillFrequent(digest: Digest): void {
  const limit = digest.filler.limit(shares.frequent);
  for (const kind of listFrequent(digest)) tell(digest, kind, frequentSection, getOrder(digest, kind), limit);
}

const getOrder = ({ ranks }: Digest, kind: Kind): number => 10_000 + (ranks.get(kind) ?? 0);

async function fillOutliers({ filler, log }: Digest, outliers: readonly Outlier[], yieldNow: Yield): Promise<void> {
  const limit = filler.limit(shares.outliers);
  for (const [i, outlier] of outliers.entries()) {
    if (i % 200 === 199) await yieldNow();
    if (filler.shown.has(outlier.line)) continue;
    const whole = log.miner.odd.get(outlier.line);
    const times = outlier.count > 1 ? ` (${outlier.count} times)` : '';
    const label = `${outlier.why}${times}, line ${outlier.line}: `;
    const short = { text: label + outlier.inPlace, line: outlier.line };
    const full =
      whole === undefined ? [] : [{ text: clip(whole, 600), line: outlier.line, verbatim: whole.length <= 600 }];
    if (
      outlier.crowd <= 3 &&
      full.length > 0 &&
      filler.add(outlierSection, outlier.line, [{ ...short, text: label + clip(outlier.text, 200) }, ...full], limit)
    )
      continue;
    if (!filler.add(outlierSection, outlier.line, [short], limit) && filler.left < 30) return;
  }
}

async function fillSlots(digest: Digest, yieldNow: Yield): Promise<void> {
  const { kinds, filler, told } = digest;
  const limit = filler.limit(shares.slots);
  const seen = new Set<unknown>();
  for (const [i, kind] of kinds.entries()) {
    if (i % 50 === 49) await yieldNow();
    if (!told.has(kind) || kind.variant.count < 3 || seen.has(kind.template)) continue;
    seen.add(kind.template);
    const text = describeSlots(kind.template, 3, 900);
    if (text === '') continue;
    const isError = kind.severity >= 4;
    filler.add(
      isError ? errorSection : frequentSection,
      isError ? i : getOrder(digest, kind),
      [{ text: `  ${text}`, line: kind.variant.first }],
      limit,
    );
  }
}

/** Fills the rest of the budget with lines that earlier passes left out. */
function fillRest(digest: Digest): void {
  const { kinds, log, filler, toldStacks } = digest;
  kinds.forEach((kind) => {
    if (kind.isInner || digest.told.has(kind) || filler.left < 20) return;
    const isError = kind.severity >= 4;
    tell(digest, kind, isError ? errorSection : frequentSection, getOrder(digest, kind), filler.budget);
  });
  const known = new Set<string>();
  for (const stack of log.stacks.kinds.values())
    if (!toldStacks.has(stack) && filler.left > 40 && filler.add(stackSection, stack.head, writeStacks(stack, known)))
      toldStacks.add(stack);
}

function fillSamples({ log, filler }: Digest): void {
  const texts = new Set<string>();
  for (const { text, line } of log.samples) {
    if (filler.left < 20) return;
    if (texts.has(text) || filler.shown.has(line)) continue;
    texts.add(text);
    filler.add(sampleSection, line, [{ text, line, verbatim: true }]);
  }
}

const maxGaps = 500;

function collectGaps({ kinds, told, toldStacks, log }: Digest): PartGap[] {
  const gaps: PartGap[] = [];
  const add = (startLine: number, endLine: number, count: number, lines: number): void =>
    void gaps.push({ startLine, endLine, lines, count, reason: budgetReason });
  for (const kind of kinds)
    if (!kind.isInner && !told.has(kind))
      add(kind.variant.first, kind.variant.last, kind.variant.count, kind.variant.count);
  for (const stack of log.stacks.kinds.values())
    if (!toldStacks.has(stack))
      add(
        stack.head,
        Math.max(stack.last, stack.lines.at(-1)?.line ?? 0),
        stack.count,
        stack.count * (stack.length - 1),
      );
  const { overflow } = log.miner;
  if (overflow.count > 0) add(overflow.first, overflow.last, overflow.count, overflow.count);
  const { stacks } = log;
  if (stacks.beyond > 0) add(stacks.beyondFirst, stacks.beyondLast, stacks.beyond, stacks.beyondLines);
  if (log.cut > 0) add(log.firstCut, log.lastCut, log.cut, 0);
  return gaps.length <= maxGaps ? gaps : [...gaps.slice(0, maxGaps - 1), joinGaps(gaps.slice(maxGaps - 1))];
}

function joinGaps(gaps: readonly PartGap[]): PartGap {
  const sum = (of: (gap: PartGap) => number): number => gaps.reduce((all, gap) => all + of(gap), 0);
  return {
    startLine: gaps.reduce((least, gap) => Math.min(least, gap.startLine), Infinity),
    endLine: gaps.reduce((most, gap) => Math.max(most, gap.endLine), 0),
    lines: sum((gap) => gap.lines),
    count: sum((gap) => gap.count ?? 0),
    reason: budgetReason,
  };
}

function write(digest: Digest, facts: LogFacts): FoldResult {
  const { filler, log } = digest;
  const output = createOutput();
  filler.write(output, sections);
  const gaps = collectGaps(digest);
  const hidden = gaps.reduce((sum, gap) => sum + (gap.count ?? 0), 0);
  if (hidden > 0)
    put(
      output,
      `${formatFigure(hidden)} records of ${formatFigure(gaps.length)} further kinds are not shown.`,
      gaps[0]?.startLine ?? 1,
    );
  if (log.cut > 0)
    put(output, `${formatFigure(log.cut)} lines were longer than 16,384 characters and read to there.`, log.firstCut);
  const unread = Math.min(
    log.lines - output.verbatim.size,
    gaps.reduce((sum, gap) => sum + gap.lines, 0),
  );
  return {
    text: output.lines.join('\n'),
    sourceLines: output.sourceLines,
    foldedLines: log.lines - output.verbatim.size - unread,
    lines: log.lines,
    facts: formatFact(facts, output.verbatim.size),
    length: log.length,
    log: facts,
    ...(gaps.length > 0 ? { gaps } : {}),
  };
}

function formatFact(facts: LogFacts, verbatim: number): string {
  const levels = formatLevels(facts);
  return [
    `${formatFigure(facts.lines)} lines, ${formatFigure(facts.records)} records of ${formatFigure(facts.kinds.length + facts.moreKinds)} kinds`,
    ...(levels ? [levels] : []),
    ...(facts.time ? [`${facts.time.first} to ${facts.time.last}`] : []),
    `${formatFigure(verbatim)} lines word for word`,
  ].join('; ');
}
