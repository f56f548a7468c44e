/** Ends a run: reports gaps, verifies claims, emits the result. */
import type { Unit } from '../answer/citations.ts';
import { createCitationWriter } from '../answer/citations.ts';
import { detectLanguage } from '../offline/language.ts';
import { findSmallSize, smallestText } from '../prompts/modelSize.ts';
import {
  createPlaces,
  gapReasons,
  getTextLanguage,
  hadBadAnswers,
  notifyOnce,
  type RunContext,
} from '../stages/context.ts';
import type { CitationReady, GapRange, Strategy, SummaryResult } from '../events.ts';
import type { ModelError } from '../model.ts';
import { withoutRepeatedPoints } from '../stages/repeatedPoints.ts';
import { english, summaryPhrases, type Translate } from '../messages.ts';
import { budgetReason, type Chunk } from '../source.ts';
import { writeOfflinePoints } from './offlinePoints.ts';
import { countKinds } from '../logFacts.ts';
import { verify, type Verified } from '../answer/verify.ts';

/** Result of a run so far. */
export interface Outcome {
  readonly started: number;
  markdown: string;
  status: SummaryResult['status'];
  strategy: Strategy;
  readonly citations: CitationReady[];
  firstTokenMs?: number;
  /** Whether the summary was truncated for good. */
  cut?: boolean;
  /** Whether it was stopped in a loop. */
  repeated?: boolean;
  notesOnly?: boolean;
  nothing?: boolean;
}

const maxNamedGaps = 12;

/** Emits closing text, verification and `end`. */
export async function finish(context: RunContext, outcome: Outcome): Promise<void> {
  const { ports, gaps, ledger, parts, source } = context;
  const phrase = ports.translate ?? english;
  const failed = gaps.ranges();
  const unread = collectPartGaps(context);
  const beyondBudget = unread.filter((gap) => gap.reason === budgetReason);
  const ranges = [...failed, ...unread.filter((gap) => gap.reason !== budgetReason)];
  const summary = outcome.markdown;
  const verified = summary && outcome.status !== 'cancelled' ? await check(context, outcome) : undefined;
  if (outcome.status !== 'cancelled') {
    if (outcome.nothing) say(context, outcome, phrase(summaryPhrases.nothing));
    if (outcome.cut) say(context, outcome, phrase(summaryPhrases.cut));
    if (outcome.repeated) say(context, outcome, phrase(summaryPhrases.repeated));
    if (ranges.length)
      say(
        context,
        outcome,
        notRead(
          phrase,
          ranges,
          source.parts.map((p) => ({ uri: p.uri, title: p.title })),
        ),
      );
    if (beyondBudget.length) say(context, outcome, countBudgetGaps(phrase, beyondBudget));
    if (ranges.length || outcome.cut || outcome.repeated || outcome.notesOnly) outcome.status = 'partial';
    const doubted = verified ? findDoubted(context, outcome, summary, verified) : [];
    if (doubted.length) {
      notifyOnce(context, 'unreliable');
      say(context, outcome, phrase(summaryPhrases.unreliable));
    }
    const beside = [...new Set([...gaps.of('offline'), ...(context.options.question ? [] : doubted)])];
    if (beside.length) await writeOfflinePoints(context, outcome.citations.length, beside);
  }
  const verification = verified?.event;
  if (verification) context.emit(verification);
  const lines = parts.reduce((sum, part) => sum + part.lines, 0);
  const folded = parts.reduce((sum, part) => sum + part.foldedLines, 0);
  const unreadLines = parts.reduce((sum, { gaps = [] }) => sum + gaps.reduce((own, gap) => own + gap.lines, 0), 0);
  const kinds = countKinds(parts);
  const folder = source.parts.length > 1 || source.skipped.length > 0;
  const result: SummaryResult = {
    status: outcome.status,
    markdown: outcome.markdown,
    strategy: outcome.strategy,
    provider: ports.model.provider,
    model: ports.model.model,
    usage: {
      calls: ledger.calls,
      cachedCalls: ledger.cachedCalls,
      retries: ledger.retries,
      inputTokens: ledger.inputTokens,
      outputTokens: ledger.outputTokens,
      cachedInputTokens: ledger.cachedInputTokens,
      ...(ledger.costUsd === undefined ? {} : { costUsd: ledger.costUsd }),
      ...(ledger.estimated ? { estimated: true } : {}),
      wallMs: ports.clock.now() - outcome.started,
      ...(outcome.firstTokenMs === undefined ? {} : { firstTokenMs: outcome.firstTokenMs }),
    },
    citations: outcome.citations.map(({ id, uri, startLine, endLine }) => ({
      id,
      ...(uri ? { uri } : {}),
      startLine,
      endLine,
    })),
    gaps: [...ranges, ...beyondBudget],
    coverage: {
      lines,
      linesRead: Math.max(0, lines - folded - gaps.lines - unreadLines),
      folded,
      ...(kinds > 0 ? { kinds } : {}),
      ...(folder ? { filesRead: parts.filter((part) => part.chunks.length).length, filesSkipped: source.skipped } : {}),
    },
    ...(verification
      ? {
          verification: {
            claims: verification.claims,
            supported: verification.supported,
            elsewhere: verification.elsewhere,
            notFound: verification.notFound,
          },
        }
      : {}),
  };
  context.emit({ type: 'end', result });
}

function check(context: RunContext, { markdown, citations }: Outcome): Promise<Verified> {
  const { parts, chunks, locator, source, ports } = context;
  const ground = {
    kindOf: (chunk: number) => parts[chunks[chunk]!.part]!.kind,
    titles: [source.title, ...source.parts.slice(0, 1_000).map(({ title }) => title)].join('\n'),
  };
  const facts = parts.map((part) => part.facts).join('\n');
  return verify(markdown, citations, { locator, placeOf: createPlaces(context), ground, facts, yield: ports.yield });
}

/** A summary with fewer words says nothing of a text of more than `minTokens`. */
const minWords = 20;
const minTokens = 400;
/**
 * Minimum share of topic words in the text, below two billion parameters. Of human summaries no English ones fall below, of
 * very free French and German ones 13 to 17 %.
 */
const minShare = 0.45;

/** Chunks whose summary is not to be relied on; empty for a reliable one. */
function findDoubted(context: RunContext, outcome: Outcome, summary: string, verified: Verified): readonly Chunk[] {
  const { chunks, limits, options, ports } = context;
  const { judged, failed, doubted, share = 1 } = verified;
  const isMost = failed > 0 && failed * 2 >= judged && failed >= Math.min(2, judged);
  const isMuch = hadBadAnswers(context) && failed > 0 && failed * 4 >= judged;
  if (isMost || isMuch) return doubted.map((index) => chunks[index]!);
  const size = findSmallSize(ports.model.model, limits);
  if (options.question || !(hadBadAnswers(context) || size)) return [];
  const isTiny = size?.text === smallestText;
  if (isTiny && (outcome.repeated || share < minShare)) return chunks;
  const words = summary.replace(/\[\d+\]/g, ' ').match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  const isThin = words < minWords && chunks.reduce((sum, { tokens }) => sum + tokens, 0) > minTokens;
  const language = detectLanguage(summary);
  const asked = getTextLanguage(context);
  const isOther = options.language === '' && words >= minWords && language !== '' && asked !== '' && language !== asked;
  return isThin || isOther ? chunks : [];
}

function say(context: RunContext, outcome: Outcome, text: string): void {
  const break_ =
    outcome.markdown === ''
      ? ''
      : outcome.markdown.endsWith('\n\n')
        ? ''
        : outcome.markdown.endsWith('\n')
          ? '\n'
          : '\n\n';
  context.emit({ type: 'delta', text: `${break_}${text}` });
}

function collectPartGaps({ parts, source }: RunContext): GapRange[] {
  return parts.flatMap(({ gaps = [] }, part) =>
    gaps.map(({ startLine, endLine, count, reason }) => {
      const uri = source.parts[part]?.uri;
      return { ...(uri ? { uri } : {}), startLine, endLine, ...(count === undefined ? {} : { count }), reason };
    }),
  );
}

function countBudgetGaps(phrase: Translate, gaps: readonly GapRange[]): string {
  const records = gaps.reduce((sum, gap) => sum + (gap.count ?? gap.endLine - gap.startLine + 1), 0);
  const first = gaps.reduce((least, gap) => Math.min(least, gap.startLine), Infinity);
  const last = gaps.reduce((most, gap) => Math.max(most, gap.endLine), 0);
  return phrase(summaryPhrases.budget, records, gaps.length, first, last);
}

function notRead(
  phrase: Translate,
  gaps: readonly GapRange[],
  parts: readonly { uri?: string; title: string }[],
): string {
  const titles = new Map(parts.map((part) => [part.uri, part.title]));
  const named = gaps.slice(0, maxNamedGaps).map((gap) => {
    const { startLine, endLine } = gap;
    const lines =
      startLine === endLine ? phrase(summaryPhrases.line, startLine) : phrase(summaryPhrases.lines, startLine, endLine);
    const where = parts.length > 1 ? phrase(summaryPhrases.of, lines, titles.get(gap.uri) ?? gap.uri ?? '') : lines;
    return `${where} (${phrase(gap.reason)})`;
  });
  const more = gaps.length > maxNamedGaps ? [phrase(summaryPhrases.more, gaps.length - maxNamedGaps)] : [];
  return phrase(summaryPhrases.notRead, [...named, ...more].join('; '));
}

/** Writes the notes if the final call failed. */
export async function writeNotes(
  context: RunContext,
  outcome: Outcome,
  units: readonly Unit[],
  error: ModelError,
): Promise<void> {
  if (outcome.markdown) context.emit({ type: 'restart', reason: gapReasons[error.kind] });
  outcome.notesOnly = true;
  const unique = withoutRepeatedPoints(units);
  const writer = createCitationWriter(unique, context.locator, createPlaces(context), (citation) =>
    context.emit(citation),
  );
  const phrase = context.ports.translate ?? english;
  context.emit({ type: 'delta', text: `${phrase(summaryPhrases.notes, phrase(gapReasons[error.kind]))}\n\n` });
  for (const [i, { note }] of unique.entries()) {
    const lines = note.split('\n').filter(Boolean);
    const text = writer.push(lines.map((line) => `${line} [${i + 1}]\n`).join(''));
    if (text) context.emit({ type: 'delta', text });
    if (i % 50 === 49) await context.ports.yield();
  }
  const rest = writer.end();
  if (rest) context.emit({ type: 'delta', text: rest });
}
