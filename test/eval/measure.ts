/** What a summary kept, what its citations are worth, and at which stage a fact was lost. Pure. */
import type { Citation, SummaryResult } from '../../src/engine/events.ts';
import { findClaims } from '../../src/engine/answer/verify.ts';
import { wordsAllowed } from '../support/provider/index.ts';
import { marksIn } from '../support/grammar.ts';
import type { EvalDocument, Fact } from './documents.ts';
import type { Recorded } from './record.ts';

/** `read`: it reached no prompt. `notes`, `output`: lost between a model's answer and what came next. The others: the model left it out. */
export type LossStage = 'read' | 'map' | 'notes' | 'collapse' | 'reduce' | 'output';

export interface Measure {
  readonly id: string;
  readonly facts: number;
  readonly found: number;
  /** Facts and those found, in the first, middle and last third of the text. */
  readonly thirds: readonly { readonly facts: number; readonly found: number }[];
  readonly lost: readonly { readonly fact: Fact; readonly stage: LossStage }[];
  /** Marks of sentences that tell a fact: all, those whose lines hold it, those that lead within ten lines of it. */
  readonly marks: number;
  readonly exact: number;
  readonly near: number;
  /** Facts told without any mark. */
  readonly uncited: number;
  /** Marks that are shown and have no citation. */
  readonly invented: number;
  /** Mean lines of a citation. */
  readonly width: number;
  readonly words: number;
  /** Words that were asked for; undefined where the prompt named none. */
  readonly wordsAsked: number | undefined;
  readonly result: SummaryResult;
}

/** Case and separators within numbers do not tell facts apart: a model may write 41 003 for 41,003. */
export function plainText(text: string): string {
  return text.toLowerCase().replace(/(\d)[,.'’\u00a0\u202f ](?=\d{3}(?!\d))/g, '$1');
}

export function tells(plain: string, fact: Fact): boolean {
  return fact.keys.every((key) => plain.includes(plainText(key)));
}

/** Name and figure in one part of a text, not one here and one there. */
function toldBy(parts: readonly string[], fact: Fact): boolean {
  return parts.some((part) => tells(part, fact));
}

const linesOf = (text: string): string[] => plainText(text).split('\n');

export function measure(document: EvalDocument, result: SummaryResult, calls: readonly Recorded[]): Measure {
  const summary = linesOf(result.markdown);
  const trail = trailOf(calls);
  const found = document.facts.filter((fact) => toldBy(summary, fact));
  const lost = document.facts
    .filter((fact) => !found.includes(fact))
    .map((fact) => ({ fact, stage: lossOf(fact, trail) }));
  const ids = new Set(result.citations.map((citation) => citation.id));
  const asked = wordsAllowed(calls.findLast((call) => call.stage === 'reduce')?.system ?? '');
  return {
    id: document.id,
    facts: document.facts.length,
    found: found.length,
    thirds: [0, 1, 2].map((third) => {
      const here = document.facts.filter((fact) => Math.min(2, Math.floor(fact.depth * 3)) === third);
      return { facts: here.length, found: here.filter((fact) => found.includes(fact)).length };
    }),
    lost,
    ...citationFigures(found, result),
    invented: marksIn(result.markdown).filter((mark) => !ids.has(mark)).length,
    width:
      result.citations.reduce((sum, one) => sum + one.endLine - one.startLine + 1, 0) /
      Math.max(1, result.citations.length),
    words: result.markdown
      .replace(/\[\d+\]/g, '')
      .split(/\s+/)
      .filter((word) => /[\p{L}\p{N}]/u.test(word)).length,
    wordsAsked: Number.isFinite(asked) ? asked : undefined,
    result,
  };
}

function citationFigures(
  found: readonly Fact[],
  result: SummaryResult,
): Pick<Measure, 'marks' | 'exact' | 'near' | 'uncited'> {
  const byId = new Map(result.citations.map((citation) => [citation.id, citation]));
  const figures = { marks: 0, exact: 0, near: 0, uncited: 0 };
  const cited = new Set<Fact>();
  for (const claim of findClaims(result.markdown)) {
    const plain = plainText(claim.text);
    const facts = found.filter((fact) => tells(plain, fact));
    if (facts.length === 0) continue;
    for (const id of new Set(claim.ids)) {
      const citation = byId.get(id);
      if (citation === undefined) continue;
      figures.marks++;
      if (facts.some((fact) => covers(citation, fact.line, 0))) figures.exact++;
      if (facts.some((fact) => covers(citation, fact.line, 10))) figures.near++;
    }
    if (claim.ids.length > 0) for (const fact of facts) cited.add(fact);
  }
  figures.uncited = found.filter((fact) => !cited.has(fact)).length;
  return figures;
}

function covers(citation: Citation, line: number, margin: number): boolean {
  return citation.startLine - margin <= line && line <= citation.endLine + margin;
}

interface Trail {
  readonly prompts: ReadonlyMap<string, readonly string[]>;
  readonly answers: ReadonlyMap<string, readonly string[]>;
}

function trailOf(calls: readonly Recorded[]): Trail {
  const prompts = new Map<string, string[]>();
  const answers = new Map<string, string[]>();
  for (const call of calls) {
    prompts.set(call.stage, [...(prompts.get(call.stage) ?? []), plainText(call.prompt)]);
    answers.set(call.stage, [...(answers.get(call.stage) ?? []), plainText(call.answer)]);
  }
  return { prompts, answers };
}

function lossOf(fact: Fact, { prompts, answers }: Trail): LossStage {
  const asked = (stage: string): boolean => toldBy(prompts.get(stage) ?? [], fact);
  const answered = (stage: string): boolean => toldBy(answers.get(stage) ?? [], fact);
  const first = prompts.has('map') ? 'map' : 'reduce';
  if (!asked(first)) return 'read';
  if (!answered(first)) return first;
  if (first === 'map' && asked('collapse') && !answered('collapse')) return 'collapse';
  if (!asked('reduce')) return 'notes';
  return answered('reduce') ? 'output' : 'reduce';
}
