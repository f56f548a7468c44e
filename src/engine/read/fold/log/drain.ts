/** Mines templates after Drain (He et al., ICWS 2017). Slots also keep exact counts, to show outliers. */
import { findLevel, mentionsFailure } from './levels.ts';
import { detach } from '../lines.ts';
import { mark, maskText, showMasked, varies } from '../scan.ts';
import { addValue, createStats, type ValueStats } from '../stats.ts';

/** Messages of one form. */
export interface Template {
  readonly id: number;
  readonly tokens: string[];
  /** Whether the words at each position differ. */
  readonly wild: boolean[];
  version: number;
  count: number;
  readonly first: number;
  last: number;
  readonly alarming: boolean;
  /** By rank of the level. */
  readonly variants: (Variant | undefined)[];
  /** Within records of several lines. */
  inner: number;
  /** Whether statistics have replaced the records. */
  counting: boolean;
  /** Statistics of the masked values inside a word, by position and word. */
  readonly values: Map<string, ValueStats[]>;
  /** Statistics of the words at differing positions. */
  readonly words: (ValueStats | undefined)[];
}

/** Records of one form at one level. */
export interface Variant {
  readonly level: number;
  count: number;
  readonly first: number;
  last: number;
  /** Earliest and latest time, Unix ms; NaN without any. */
  firstMs: number;
  lastMs: number;
  /** All records while there are few, then the first ones. */
  readonly examples: Example[];
}

/** A record of a template. */
export interface Example {
  readonly line: number;
  /** The line as in the text, at most 4,000 characters. */
  readonly text: string;
  /** The mined message, which is the line from `from` on. */
  readonly mined: string;
  readonly from: number;
}

interface Entry {
  readonly template: Template;
  readonly tokens: readonly string[];
  readonly level: number;
  version: number;
  slots: ValueStats[];
  words: { readonly stats: ValueStats; readonly word: string }[];
}

/** Templates mined so far. */
export interface Miner {
  readonly templates: Template[];
  readonly leaves: Map<string, Template[]>;
  readonly children: Map<number, number>;
  readonly memo: Map<string, Entry>;
  /** Records that came after the room for templates was used up. */
  readonly overflow: Overflow;
  readonly limits: MinerLimits;
  readonly scratch: string[];
  keptUnits: number;
  /** Lines with unusual values, verbatim. */
  readonly odd: Map<number, string>;
  oddUnits: number;
  /** Of the last record. */
  level: number;
}
interface Overflow {
  count: number;
  first: number;
  last: number;
  /** Verbatim. */
  readonly lines: { readonly line: number; readonly text: string }[];
}
interface MinerLimits {
  readonly similarity: number;
  readonly templates: number;
  readonly memo: number;
  /** Distinct values of a slot. */
  readonly values: number;
  /** First words of one length; more are pooled. */
  readonly children: number;
}
const minerLimits: MinerLimits = {
  similarity: 0.7,
  templates: 20_000,
  memo: 40_000,
  values: 512,
  children: 250,
};

/** Returns a miner without templates. */
export const createMiner = (limits: MinerLimits = minerLimits): Miner => ({
  templates: [],
  leaves: new Map(),
  children: new Map(),
  memo: new Map(),
  overflow: { count: 0, first: 0, last: 0, lines: [] },
  limits,
  scratch: [],
  keptUnits: 0,
  odd: new Map(),
  oddUnits: 0,
  level: 0,
});

/**
 * Mines `text` from `from`. Returns undefined if the record was only counted.
 * @param level rank in the header; 0 for the message's own
 * @param raw the line, if it differs from `text`
 */
export function mine(
  miner: Miner,
  text: string,
  from: number,
  number: number,
  level = 0,
  ms = Number.NaN,
  raw = text,
): Template | undefined {
  const values = miner.scratch;
  const key = maskText(text, values, from);
  let entry = miner.memo.get(key);
  if (!entry) {
    entry = classify(miner, detach(key), number);
    if (!entry) {
      miner.level = level || findLevel(key);
      noteOverflow(miner.overflow, raw, number, miner.level);
      return undefined;
    }
  }
  const template = entry.template;
  const rank = level || entry.level;
  miner.level = rank;
  template.count++;
  template.last = number;
  const variant = countVariant(template, rank, number, ms);
  if (
    !template.counting &&
    (template.count > examplesKept || (template.count > 2 && miner.keptUnits > maxExampleUnits))
  )
    count(miner, template);
  if (!template.counting) keepExample(miner, variant, text, from, number, raw);
  else {
    if (variant.count <= rareKept) keepExample(miner, variant, text, from, number, raw);
    else if (variant.count === rareKept + 1) dropExamples(miner, variant);
    if (record(miner, entry, values, number)) keepOdd(miner, raw, number);
  }
  return template;
}

function countVariant(template: Template, level: number, number: number, ms: number): Variant {
  let variant = template.variants[level];
  if (!variant) {
    variant = { level, count: 0, first: number, last: number, firstMs: ms, lastMs: ms, examples: [] };
    template.variants[level] = variant;
  }
  variant.count++;
  variant.last = number;
  if (ms < variant.firstMs) variant.firstMs = ms;
  else if (!(ms <= variant.lastMs)) {
    variant.lastMs = ms;
    if (Number.isNaN(variant.firstMs)) variant.firstMs = ms;
  }
  return variant;
}

function keepExample(miner: Miner, { examples }: Variant, text: string, from: number, line: number, raw: string): void {
  const kept = detach(raw.slice(0, 4000));
  examples.push({ line, text: kept, mined: raw === text ? kept : detach(text.slice(0, 4000)), from });
  miner.keptUnits += kept.length;
}

function dropExamples(miner: Miner, { examples }: Variant): void {
  for (let i = 1; i < examples.length; i++) miner.keptUnits -= (examples[i] as Example).text.length;
  examples.length = 1;
}

const overflowKept = 400;

function noteOverflow(overflow: Overflow, line: string, number: number, level: number): void {
  if (overflow.count++ === 0) overflow.first = number;
  overflow.last = number;
  if (overflow.lines.length >= overflowKept) return;
  if (overflow.count === 1 || level >= 5 || mentionsFailure(line.slice(0, 400)))
    overflow.lines.push({ line: number, text: detach(line.slice(0, 1000)) });
}

/** Verbatim records before counting starts. */
const examplesKept = 64;
/** Records of a form and level that are kept for good. */
export const rareKept = 24;
const maxExampleUnits = 16 * 1024 * 1024;

/** Replaces kept records by statistics; keeps rare levels. */
export function count(miner: Miner, template: Template): void {
  const values: string[] = [];
  for (const variant of template.variants) {
    if (!variant) continue;
    for (const { mined, from, line } of variant.examples) {
      const key = maskText(mined, values, from);
      record(miner, createEntry(template, tokenize(key), 0), values, line);
    }
    if (variant.count > rareKept) dropExamples(miner, variant);
  }
  template.counting = true;
}

function record(miner: Miner, entry: Entry, values: readonly string[], number: number): boolean {
  if (entry.version !== entry.template.version) bind(entry);
  const room = miner.limits.values;
  const slots = entry.slots;
  const most = Math.min(slots.length, values.length);
  let isOdd = false;
  for (let i = 0; i < most; i++) if (addValue(slots[i] as ValueStats, values[i] as string, number, room)) isOdd = true;
  for (const { stats, word } of entry.words) if (addValue(stats, word, number, room)) isOdd = true;
  return isOdd;
}

const maxOddUnits = 6 * 1024 * 1024;

/** Keeps an unusual line; replaces early ones first, because they often turn out usual. */
export function keepOdd(miner: Miner, line: string, number: number): void {
  const text = detach(line.slice(0, 2000));
  miner.odd.set(number, text);
  miner.oddUnits += text.length;
  if (miner.oddUnits < maxOddUnits) return;
  for (const [old, kept] of miner.odd) {
    if (miner.oddUnits < maxOddUnits / 2) break;
    miner.odd.delete(old);
    miner.oddUnits -= kept.length;
  }
}

const createEntry = (template: Template, tokens: readonly string[], level: number): Entry => ({
  template,
  tokens,
  level,
  version: -1,
  slots: [],
  words: [],
});

const formsKept = 6;

function bind(entry: Entry): void {
  const { template, tokens } = entry;
  entry.slots = [];
  entry.words = [];
  entry.version = template.version;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as string;
    if (template.wild[i]) {
      const stats = (template.words[i] ??= createStats());
      entry.words.push({ stats, word: showMasked(token) });
    }
    let at = token.indexOf(mark);
    if (at < 0) continue;
    let key = `${i} ${token}`;
    if (template.wild[i] && !template.values.has(key) && listForms(template, i) >= formsKept) key = `${i} ${mark}`;
    let slots = template.values.get(key);
    if (!slots) template.values.set(key, (slots = []));
    for (let j = 0; at >= 0; j++, at = token.indexOf(mark, at + 1)) entry.slots.push((slots[j] ??= createStats()));
  }
}

function listForms(template: Template, position: number): number {
  let forms = 0;
  for (const key of template.values.keys()) if (key.startsWith(`${position} `)) forms++;
  return forms;
}

const maxLeaf = 128;

/** Splits a masked message; several spaces only align words. */
const tokenize = (key: string): string[] => (key.includes('  ') ? key.replace(/ {2,}/g, ' ') : key).split(' ');

function classify(miner: Miner, key: string, number: number): Entry | undefined {
  const tokens = tokenize(key);
  const leaf = findLeaf(miner, tokens);
  let template = findNearest(leaf, tokens, miner.limits.similarity);
  let home = leaf;
  if (!template && leaf.length >= maxLeaf) {
    home = findInnerLeaf(miner, tokens);
    template = findNearest(home, tokens, miner.limits.similarity);
  }
  if (template) widen(template, tokens);
  else {
    if (miner.templates.length >= miner.limits.templates || home.length >= maxLeaf) return undefined;
    template = createTemplate(miner.templates.length, key, tokens, number);
    miner.templates.push(template);
    home.push(template);
  }
  if (miner.memo.size >= miner.limits.memo) miner.memo.clear();
  const entry = createEntry(template, tokens, findLevel(key));
  miner.memo.set(key, entry);
  return entry;
}

/** By length, first three words and last word. */
function findInnerLeaf(miner: Miner, tokens: readonly string[]): Template[] {
  const name = `${tokens.length} ${general(tokens[0])} ${general(tokens[1])} ${general(tokens[2])} ${general(tokens[tokens.length - 1])}`;
  let leaf = miner.leaves.get(name);
  if (!leaf) miner.leaves.set(name, (leaf = []));
  return leaf;
}

const createTemplate = (id: number, key: string, tokens: readonly string[], number: number): Template => ({
  id,
  tokens: [...tokens],
  wild: tokens.map(() => false),
  version: 0,
  count: 0,
  first: number,
  last: number,
  alarming: mentionsFailure(key),
  variants: [],
  inner: 0,
  counting: false,
  values: new Map(),
  words: [],
});

function findLeaf(miner: Miner, tokens: readonly string[]): Template[] {
  const length = tokens.length;
  let name = `${length} ${general(tokens[0])} ${general(tokens[1])}`;
  let leaf = miner.leaves.get(name);
  if (leaf) return leaf;
  const children = miner.children.get(length) ?? 0;
  if (children >= miner.limits.children) {
    name = `${length} * *`;
    leaf = miner.leaves.get(name);
    if (leaf) return leaf;
  }
  miner.children.set(length, children + 1);
  leaf = [];
  miner.leaves.set(name, leaf);
  return leaf;
}

const general = (token: string | undefined): string =>
  token === undefined ? '' : token.includes(mark) || qualified.test(token) ? mark : token;
const qualified = /^[a-z][\w-]*(?:\.[\w-]+){2,}:?$/;

/** Finds the template with most words in common; masks do not count. */
function findNearest(leaf: readonly Template[], tokens: readonly string[], similarity: number): Template | undefined {
  let best: Template | undefined;
  let bestSame = -1;
  for (const template of leaf) {
    let same = 0;
    for (let i = 0; i < tokens.length; i++) if (!template.wild[i] && template.tokens[i] === tokens[i]) same++;
    if (same > bestSame) {
      best = template;
      bestSame = same;
    }
  }
  if (!best) return undefined;
  let masked = 0;
  let fixed = 0;
  for (let i = 0; i < tokens.length; i++) {
    if (best.wild[i]) continue;
    fixed++;
    if (isMasked(tokens[i] as string) && best.tokens[i] === tokens[i]) masked++;
  }
  const words = tokens.length - masked;
  const alike = bestSame - masked >= similarity * words && (bestSame > masked || words === 0);
  return alike || (bestSame === fixed && (fixed - masked) * 2 > words) ? best : undefined;
}

const isMasked = (token: string): boolean => token === mark;

/** Turns differing positions into slots that start with the counts so far. */
function widen(template: Template, tokens: readonly string[]): void {
  for (let i = 0; i < tokens.length; i++) {
    if (template.wild[i] || template.tokens[i] === tokens[i]) continue;
    template.wild[i] = true;
    template.version++;
    if (!template.counting) continue;
    const stats = createStats();
    template.words[i] = stats;
    addValue(stats, showMasked(template.tokens[i] as string), template.first, Number.POSITIVE_INFINITY, template.count);
  }
}

/** Returns the template for display, with `…` for varying values. */
export const showTemplate = (template: Template): string =>
  template.tokens
    .map((token, i) => (template.wild[i] ? varies : showMasked(token)))
    .join(' ')
    .trim();
