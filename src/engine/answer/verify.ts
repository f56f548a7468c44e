/**
 * Looks up figures, names, paths, dates and quotations of each claim in its cited lines, then in the whole text.
 * Local and exact; never edits the summary.
 */
import type { CitationReady, VerificationFlag, VerificationReady } from '../events.ts';
import type { Locator, PlaceOf } from './citations.ts';
import type { Yield } from '../ports.ts';
import { findCheckableTokens } from './checkableTokens.ts';
import { Grounding, type GroundText } from './grounding.ts';
import { hasWords } from '../words.ts';

/** A sentence with its citations. */
export interface Claim {
  /** Offsets in the markdown. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly ids: readonly number[];
}

/** Skips headings and code. */
export function findClaims(markdown: string): Claim[] {
  const claims: Claim[] = [];
  let offset = 0;
  let inCode = false;
  for (const line of markdown.split('\n')) {
    const start = offset;
    offset += line.length + 1;
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    else if (!inCode && !/^\s*#/.test(line) && line.trim()) claims.push(...splitSentences(line, start));
  }
  return claims;
}

function splitSentences(line: string, base: number): Claim[] {
  const found: Claim[] = [];
  // a sentence ends at marks or a full stop
  const pattern = /(?<!\s)\s*\[\d+\](?:\s*\[\d+\])*[.,;:]?|[.!?…](?=\s+[\p{Lu}"“‘(*`])|[。!?]/gu;
  let from = 0;
  const take = (to: number, marks: string): void => {
    const text = line.slice(from, to);
    const ids = [...marks.matchAll(/\[(\d+)\]/g)].map((m) => Number(m[1]));
    const lead = /^[\s.,;:*+•-]*/.exec(text)![0].length;
    if (hasWords(text)) found.push({ start: base + from + lead, end: base + to, text: text.slice(lead), ids });
    else if (ids.length && found.length)
      found[found.length - 1] = { ...found.at(-1)!, ids: [...found.at(-1)!.ids, ...ids] };
  };
  for (const match of line.matchAll(pattern)) {
    if (match.index < from) continue;
    const isMark = match[0].includes('[');
    take(isMark ? match.index : match.index + match[0].length, match[0]);
    from = match.index + match[0].length;
  }
  if (from < line.length) take(line.length, '');
  // a closing mark also covers the unmarked sentences before it
  for (let i = found.length - 2; i >= 0; i--)
    if (!found[i]!.ids.length) found[i] = { ...found[i]!, ids: found[i + 1]!.ids };
  return found;
}

/** Removes differences of case, width, dashes, quotes and digit separators. */
export function normalize(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/(\d)[,'’\u0020](?=\d{3}(?:\D|$))/g, '$1')
    .replace(/(\d)\.(?=\d{3}(?:[^\d]|$)(?!\.\d))/g, '$1')
    .replace(/\s+/g, ' ');
}

function holds(haystack: string, item: string): boolean {
  const plain = normalize(item).replace(/\s?%$/, '').trim();
  if (!/^[+-]?[\d.,]+$/.test(plain)) return haystack.includes(plain);
  // 42 is not contained in 1420
  let at = haystack.indexOf(plain);
  while (at >= 0) {
    const before = haystack[at - 1] ?? ' ';
    const after = haystack.slice(at + plain.length, at + plain.length + 2);
    if (!/[\d]/.test(before) && !/^\d|^\.\d/.test(after)) return true;
    at = haystack.indexOf(plain, at + 1);
  }
  return false;
}

/** Source text that `verify` compares claims with. */
export interface Checked {
  readonly locator: Locator;
  readonly placeOf: PlaceOf;
  readonly ground: Pick<GroundText, 'kindOf' | 'titles'>;
  /** Facts that were counted while reading. */
  readonly facts?: string;
  readonly yield: Yield;
}

/** Result of checking a summary against its text. */
export interface Verified {
  readonly event: VerificationReady;
  /** Claims that say enough to be judged, and those of them that are not in the text or say nothing of its own. */
  readonly judged: number;
  readonly failed: number;
  /** Share of the summary's topic words in the text; undefined if not comparable. */
  readonly share: number | undefined;
  /** Chunks of the failed claims; all where a failed claim cites none. */
  readonly doubted: readonly number[];
}

/** Verifies the claims against the source. */
export async function verify(
  markdown: string,
  citations: readonly CitationReady[],
  checked: Checked,
): Promise<Verified> {
  const { locator } = checked;
  const ground = new Grounding({ ...checked.ground, chunks: locator.chunks }, markdown, checked.yield);
  const search = createSearch(locator, checked.yield);
  const known = normalize(checked.facts ?? '');
  const flags: VerificationFlag[] = [];
  const counts = { claims: 0, supported: 0, elsewhere: 0, notFound: 0 };
  const doubted: number[] = [];
  let judged = 0;
  let failed = 0;
  for (const claim of findClaims(markdown)) {
    const cited = claim.ids.map((id) => citations[id - 1]).filter((c) => c !== undefined);
    const chunks = [...new Set(cited.map((c) => c.chunk))];
    const near = [known, ...cited.map((c) => normalize(c.excerpt))];
    const items = findCheckableTokens(claim.text);
    const invented = await ground.invented(claim.text, chunks);
    const missing = await findMissing(items, near, chunks, search);
    const isJudged = ground.canJudge(claim.text) || (items.length > 0 && ground.isProse(chunks));
    judged += Number(isJudged);
    const fail = (): void => {
      failed += 1;
      doubted.push(...(chunks.length > 0 ? chunks : locator.chunks.keys()));
    };
    if (items.length === 0 && invented === undefined) {
      if (await ground.isGeneric(claim.text, chunks)) fail();
      continue;
    }
    counts.claims += 1;
    const isNowhere = missing?.place === undefined && missing !== undefined;
    if (missing === undefined && invented === undefined) {
      counts.supported += 1;
      continue;
    }
    const found = isNowhere || invented?.isNowhere ? 'nowhere' : 'elsewhere';
    counts[found === 'nowhere' ? 'notFound' : 'elsewhere'] += 1;
    if (isJudged && (invented?.isMost || isNowhere)) fail();
    const isItem = isNowhere || !invented;
    flags.push({
      start: claim.start,
      end: claim.end,
      claim: isItem ? missing!.item : invented.word,
      found,
      ...(isItem && missing!.place ? flagPlace(checked.placeOf, locator, missing!.place) : {}),
    });
  }
  return {
    event: { type: 'verification', ...counts, flags },
    judged,
    failed,
    share: await ground.findShare(markdown),
    doubted: [...new Set(doubted)].sort((a, b) => a - b),
  };
}

interface Missing {
  readonly item: string;
  /** Undefined if the item occurs nowhere. */
  readonly place?: { readonly chunk: number; readonly line: number };
}

/** Prefers an item that no chunk contains. */
async function findMissing(
  items: readonly string[],
  near: readonly string[],
  chunks: readonly number[],
  search: (item: string, first: readonly number[]) => Promise<Missing['place']>,
): Promise<Missing | undefined> {
  const missing = items.filter((item) => !near.some((text) => holds(text, item)));
  const places: Missing[] = [];
  for (const item of missing) {
    const place = await search(item, chunks);
    if (!place) return { item };
    places.push({ item, place });
  }
  // items that are close together in one chunk support the claim
  return places.every(({ place }) => chunks.includes(place!.chunk)) ? undefined : places[0];
}

function flagPlace(placeOf: PlaceOf, locator: Locator, { chunk, line }: { chunk: number; line: number }) {
  const { uri, startLine } = placeOf(locator.chunk(chunk).part, { startLine: line, endLine: line });
  return { line: startLine, ...(uri ? { uri } : {}) };
}

/** Searches cited chunks first. */
function createSearch(locator: Locator, yieldNow: Yield) {
  const texts: (string | undefined)[] = [];
  const found = new Map<string, { chunk: number; line: number } | undefined>();
  let work = 0;
  const at = async (chunk: number, item: string): Promise<{ chunk: number; line: number } | undefined> => {
    const raw = locator.chunk(chunk);
    let text = texts[chunk];
    if (text === undefined) {
      text = normalize(raw.text);
      work += raw.text.length * 8;
      if (chunk < 4000) texts[chunk] = text;
    }
    work += text.length;
    if (work > 4_000_000) {
      work = 0;
      await yieldNow();
    }
    if (!holds(text, item)) return undefined;
    const line = raw.text.split('\n').findIndex((l) => holds(normalize(l), item));
    const index = Math.max(0, line);
    return { chunk, line: raw.sourceLines?.[index] ?? raw.startLine + index };
  };
  return async (item: string, first: readonly number[]): Promise<{ chunk: number; line: number } | undefined> => {
    for (const chunk of first) {
      const place = await at(chunk, item);
      if (place) return place;
    }
    if (found.has(item)) return found.get(item);
    let place: { chunk: number; line: number } | undefined;
    for (let chunk = 0; chunk < locator.chunks.length && !place; chunk++) place = await at(chunk, item);
    found.set(item, place);
    return place;
  };
}
