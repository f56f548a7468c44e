/**
 * Looks up figures, names, paths, dates and quotations of each claim in its cited lines, then in the whole text.
 * Local and exact; never edits the summary.
 */
import type { CitationReady, VerificationFlag, VerificationReady } from '../events.ts';
import type { Locator, PlaceOf } from './citations.ts';
import type { Yield } from '../ports.ts';
import { itemsOf } from './checkableTokens.ts';
import { hasWords } from '../words.ts';

export interface Claim {
  /** Offsets in the markdown. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly ids: readonly number[];
}

/** Skips headings and code. */
export function claimsOf(markdown: string): Claim[] {
  const claims: Claim[] = [];
  let offset = 0;
  let inCode = false;
  for (const line of markdown.split('\n')) {
    const start = offset;
    offset += line.length + 1;
    if (/^\s*(```|~~~)/.test(line)) inCode = !inCode;
    else if (!inCode && !/^\s*#/.test(line) && line.trim()) claims.push(...sentences(line, start));
  }
  return claims;
}

function sentences(line: string, base: number): Claim[] {
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
  // closing marks apply to earlier unmarked sentences
  for (let i = found.length - 2; i >= 0; i--)
    if (!found[i]!.ids.length) found[i] = { ...found[i]!, ids: found[i + 1]!.ids };
  return found;
}

/** Ignores case, width, dashes, quotes and digit separators. */
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
  // 42 is not in 1420
  let at = haystack.indexOf(plain);
  while (at >= 0) {
    const before = haystack[at - 1] ?? ' ';
    const after = haystack.slice(at + plain.length, at + plain.length + 2);
    if (!/[\d]/.test(before) && !/^\d|^\.\d/.test(after)) return true;
    at = haystack.indexOf(plain, at + 1);
  }
  return false;
}

/** Verifies the claims against the source. */
export async function verify(
  markdown: string,
  citations: readonly CitationReady[],
  locator: Locator,
  placeOf: PlaceOf,
  yieldNow: Yield,
  extra = '',
): Promise<VerificationReady> {
  const flags: VerificationFlag[] = [];
  let claims = 0;
  let supported = 0;
  let elsewhere = 0;
  let notFound = 0;
  const known = normalize(extra);
  const search = createSearch(locator, yieldNow);
  for (const claim of claimsOf(markdown)) {
    const items = itemsOf(claim.text);
    if (!items.length) continue;
    claims++;
    const cited = claim.ids.map((id) => citations[id - 1]).filter((c) => c !== undefined);
    const near = cited.map((c) => normalize(c.excerpt)).join('\n');
    const missing = items.filter((item) => !holds(near, item) && !holds(known, item));
    if (!missing.length) {
      supported++;
      continue;
    }
    const places = [];
    for (const item of missing)
      places.push({
        item,
        place: await search(
          item,
          cited.map((c) => c.chunk),
        ),
      });
    const nowhere = places.find((p) => !p.place);
    // same chunk, nearby lines: supported
    if (!nowhere && places.every((p) => cited.some((c) => c.chunk === p.place!.chunk))) {
      supported++;
      continue;
    }
    if (nowhere) notFound++;
    else elsewhere++;
    const told = nowhere ?? places[0]!;
    flags.push({
      start: claim.start,
      end: claim.end,
      claim: told.item,
      found: nowhere ? 'nowhere' : 'elsewhere',
      ...(told.place ? flagPlace(placeOf, locator, told.place) : {}),
    });
  }
  return { type: 'verification', claims, supported, elsewhere, notFound, flags };
}

function flagPlace(placeOf: PlaceOf, locator: Locator, { chunk, line }: { chunk: number; line: number }) {
  const { uri, startLine } = placeOf(locator.chunk(chunk).part, { startLine: line, endLine: line });
  return { line: startLine, ...(uri ? { uri } : {}) };
}

/** Searches cited chunks first; yields between slices. */
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
