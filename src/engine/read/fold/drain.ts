/**
 * A streaming template miner after Drain (He et al., ICWS 2017): a tree of fixed depth over the masked line's length and first words,
 * similarity in its leaves. Beyond Drain: each slot keeps statistics of its values, exactly counted, so that what is odd in it can be told.
 */
import { levelOf, speaksOfFailure } from './levels.ts';
import { detach } from './lines.ts';
import { mark, maskLine, showMasked } from './scan.ts';
import { addValue, newStats, type ValueStats } from './stats.ts';

export interface Template {
  readonly id: number;
  /** Words of the masked line; '' + `wild` where they differ. */
  readonly tokens: string[];
  readonly wild: boolean[];
  version: number;
  count: number;
  readonly first: number;
  last: number;
  firstTime: string;
  lastTime: string;
  /** 0 none, 1 trace or debug, 2 info, 3 notice, 4 warning, 5 error, 6 fatal. */
  readonly level: number;
  /** Speaks of failure. */
  readonly alarming: boolean;
  /** All its lines, word for word, until `counting`; from then on the first one. */
  readonly examples: Example[];
  /** Statistics have taken the place of the lines. */
  counting: boolean;
  /** Values of the masks inside one word, by position and word. */
  readonly values: Map<string, ValueStats[]>;
  /** Words at the positions that differ. */
  readonly words: (ValueStats | undefined)[];
}

export interface Example {
  readonly line: number;
  readonly text: string;
  /** Where the timestamp stands, -1: there is none. */
  readonly skipFrom: number;
  readonly skipTo: number;
}

interface Entry {
  readonly template: Template;
  readonly tokens: readonly string[];
  version: number;
  slots: ValueStats[];
  words: { readonly stats: ValueStats; readonly word: string }[];
}

export interface Miner {
  readonly templates: Template[];
  readonly leaves: Map<string, Template[]>;
  readonly children: Map<number, number>;
  readonly memo: Map<string, Entry>;
  /** Lines that came when there was no room for another template. */
  readonly overflow: Overflow;
  readonly limits: MinerLimits;
  readonly scratch: string[];
  /** Units of all examples. */
  keptUnits: number;
  /** Lines with a value unlike those before, word for word. */
  readonly odd: Map<number, string>;
  oddUnits: number;
}
interface Overflow {
  count: number;
  first: number;
  last: number;
  /** The first of them, and those that speak of failure, word for word. */
  readonly lines: { readonly line: number; readonly text: string }[];
}
export interface MinerLimits {
  readonly similarity: number;
  readonly templates: number;
  readonly memo: number;
  /** Distinct values that a slot tells apart. */
  readonly values: number;
  /** Different first words under one length, before they are pooled. */
  readonly children: number;
}
export const minerLimits: MinerLimits = {
  similarity: 0.6,
  templates: 20_000,
  memo: 40_000,
  values: 512,
  children: 250,
};

export const newMiner = (limits: MinerLimits = minerLimits): Miner => ({
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
});

/** Takes one line in; the template that it belongs to, or undefined where it was only counted. */
export function mine(
  miner: Miner,
  line: string,
  number: number,
  time: string,
  skipFrom: number,
  skipTo: number,
): Template | undefined {
  const values = miner.scratch;
  const key = maskLine(line, values, skipFrom, skipTo);
  let entry = miner.memo.get(key);
  if (!entry) {
    entry = classify(miner, detach(key), number);
    if (!entry) {
      noteOverflow(miner.overflow, line, number);
      return undefined;
    }
  }
  const template = entry.template;
  template.count++;
  template.last = number;
  template.lastTime = time;
  if (template.count === 1) template.firstTime = time;
  if (!template.counting && (template.count > examplesKept || (template.count > 2 && miner.keptUnits > examplesMost))) {
    count(miner, template);
  }
  if (template.counting) {
    if (record(miner, entry, values, number)) keepOdd(miner, line, number);
  } else {
    const text = detach(line.slice(0, 4000));
    miner.keptUnits += text.length;
    template.examples.push({ line: number, text, skipFrom, skipTo });
  }
  return template;
}

const overflowKept = 400;

function noteOverflow(overflow: Overflow, line: string, number: number): void {
  if (overflow.count++ === 0) overflow.first = number;
  overflow.last = number;
  if (overflow.lines.length >= overflowKept) return;
  if (overflow.count === 1 || speaksOfFailure(line.slice(0, 400)) || levelOf(line) >= 5) {
    overflow.lines.push({ line: number, text: detach(line.slice(0, 1000)) });
  }
}

/** Lines of one template, and units of all, that are kept word for word before they are only counted. */
export const examplesKept = 64;
const examplesMost = 16 * 1024 * 1024;

/** Turns the lines kept so far into statistics. */
export function count(miner: Miner, template: Template): void {
  const values: string[] = [];
  for (const example of template.examples) {
    const key = maskLine(example.text, values, example.skipFrom, example.skipTo);
    record(miner, newEntry(template, key.split(' ')), values, example.line);
    miner.keptUnits -= example.text.length;
  }
  template.examples.length = 1;
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

const oddMost = 6 * 1024 * 1024;

/** The latest matter more: early on, much is new that turns out to be usual. */
function keepOdd(miner: Miner, line: string, number: number): void {
  const text = detach(line.slice(0, 2000));
  miner.odd.set(number, text);
  miner.oddUnits += text.length;
  if (miner.oddUnits < oddMost) return;
  for (const [old, kept] of miner.odd) {
    if (miner.oddUnits < oddMost / 2) break;
    miner.odd.delete(old);
    miner.oddUnits -= kept.length;
  }
}

const newEntry = (template: Template, tokens: readonly string[]): Entry => ({
  template,
  tokens,
  version: -1,
  slots: [],
  words: [],
});

/** Forms of one differing word whose inner values are kept apart. */
const formsKept = 6;

/** Finds the statistics that a masked line's values and words go to. */
function bind(entry: Entry): void {
  const { template, tokens } = entry;
  entry.slots = [];
  entry.words = [];
  entry.version = template.version;
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as string;
    if (template.wild[i]) {
      const stats = (template.words[i] ??= newStats());
      entry.words.push({ stats, word: showMasked(token) });
    }
    let at = token.indexOf(mark);
    if (at < 0) continue;
    let key = `${i} ${token}`;
    if (template.wild[i] && !template.values.has(key) && formsAt(template, i) >= formsKept) key = `${i} ${mark}`;
    let slots = template.values.get(key);
    if (!slots) template.values.set(key, (slots = []));
    for (let j = 0; at >= 0; j++, at = token.indexOf(mark, at + 1)) entry.slots.push((slots[j] ??= newStats()));
  }
}

function formsAt(template: Template, position: number): number {
  let forms = 0;
  for (const key of template.values.keys()) if (key.startsWith(`${position} `)) forms++;
  return forms;
}

/** Templates that one leaf compares with. */
const leafMost = 128;

function classify(miner: Miner, key: string, number: number): Entry | undefined {
  const tokens = key.split(' ');
  const leaf = leafOf(miner, tokens);
  let template = nearest(leaf, tokens, miner.limits.similarity);
  let home = leaf;
  if (!template && leaf.length >= leafMost) {
    home = innerLeafOf(miner, tokens);
    template = nearest(home, tokens, miner.limits.similarity);
  }
  if (template) widen(template, tokens);
  else {
    if (miner.templates.length >= miner.limits.templates || home.length >= leafMost) return undefined;
    template = newTemplate(miner.templates.length, key, tokens, number);
    miner.templates.push(template);
    home.push(template);
  }
  if (miner.memo.size >= miner.limits.memo) miner.memo.clear();
  const entry = newEntry(template, tokens);
  miner.memo.set(key, entry);
  return entry;
}

/** Where a leaf is full: one more word on each side decides. */
function innerLeafOf(miner: Miner, tokens: readonly string[]): Template[] {
  const name = `${tokens.length} ${general(tokens[0])} ${general(tokens[1])} ${general(tokens[2])} ${general(tokens[tokens.length - 1])}`;
  let leaf = miner.leaves.get(name);
  if (!leaf) miner.leaves.set(name, (leaf = []));
  return leaf;
}

const newTemplate = (id: number, key: string, tokens: readonly string[], number: number): Template => ({
  id,
  tokens: [...tokens],
  wild: tokens.map(() => false),
  version: 0,
  count: 0,
  first: number,
  last: number,
  firstTime: '',
  lastTime: '',
  level: levelOf(key),
  alarming: speaksOfFailure(key),
  examples: [],
  counting: false,
  values: new Map(),
  words: [],
});

function leafOf(miner: Miner, tokens: readonly string[]): Template[] {
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

const general = (token: string | undefined): string => (token === undefined ? '' : token.includes(mark) ? mark : token);

function nearest(leaf: readonly Template[], tokens: readonly string[], similarity: number): Template | undefined {
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
  const fixed = tokens.length - best.wild.filter(Boolean).length;
  return bestSame >= similarity * tokens.length || (bestSame === fixed && fixed * 2 > tokens.length) ? best : undefined;
}

/** Makes the positions that differ slots; what stood there so far is counted as it was. */
function widen(template: Template, tokens: readonly string[]): void {
  for (let i = 0; i < tokens.length; i++) {
    if (template.wild[i] || template.tokens[i] === tokens[i]) continue;
    template.wild[i] = true;
    template.version++;
    if (!template.counting) continue;
    const stats = newStats();
    template.words[i] = stats;
    addValue(stats, showMasked(template.tokens[i] as string), template.first, Number.POSITIVE_INFINITY, template.count);
  }
}

/** A template for people: `<*>` where values or words differ. */
export const showTemplate = (template: Template): string =>
  template.tokens
    .map((token, i) => (template.wild[i] ? '<*>' : showMasked(token)))
    .join(' ')
    .trim();
