/** What a reader trips over: cut-off and dangling sentences, boilerplate, and which part of a text is left out. */
import type { SummaryResult } from '../../../src/engine/events.ts';

export interface Shape {
  readonly set: string;
  readonly sentences: readonly string[];
  /** Where each cited point stands in the text, 0 to 1. */
  readonly places: readonly number[];
  readonly share: number;
  /** Sentences that begin with a reference whose antecedent, the sentence before it in the text, is not shown before it. */
  readonly unresolved: number;
}

const dangling =
  /^["“„«(*]*(?:it|its|this|that|these|those|he|she|they|his|her|their|such|then|thus|therefore|hence|however|moreover|furthermore|but|and|so|or|also|in (?:that|this|these|those)|at that|er|sie|es|dies\p{L}*|jene\p{L}*|dadurch|deshalb|daher|dabei|dort|aber|und|il|elle|ils|elles|cela|ceci|ces?|cette|mais|et|donc|él|ella|esto|eso|este|esta|estos|estas|pero|y)(?=[\s,'’])/iu;
const cutOff = /…["”»)*]*$/;
const boilerplate =
  /\b(?:licen[cs]ed under|all rights reserved|copyright (?:\(c\)|©|\d{4})|sponsor|donat|become a backer|table of contents|MIT ©)|^\[[^\]]+\]:\s*\S|img\.shields\.io|not told here|\]\(#/i;

export function measureShape(item: { readonly set: string; readonly text: string }, result: SummaryResult): Shape {
  const lines = item.text.split('\n').length;
  const total = item.text.split(/\s+/).length;
  const sentences: string[] = [];
  for (const line of result.markdown.split('\n')) {
    if (/^#|^\s*$/.test(line)) continue;
    const clean = line.replace(/^\s*(?:- |> )/, '').replace(/^\*\*[^*]+\*\*:?\s*/, '');
    for (const sentence of clean.split(/(?:\s*(?<!\\)\[\d+\])+/))
      if (sentence.trim() !== '') sentences.push(sentence.trim());
  }
  const places = lines < 6 ? placesByWords(item.text, sentences) : result.citations.map((c) => c.startLine / lines);
  const source = squeeze(item.text);
  const unresolved = sentences.filter((sentence, i) => {
    if (!dangling.test(sentence)) return false;
    const before = squeeze(sentences[i - 1] ?? '').slice(-40);
    return before === '' || !source.includes(before + squeeze(sentence).slice(0, 20));
  }).length;
  return { set: item.set, sentences, places, unresolved, share: result.markdown.split(/\s+/).length / total };
}

const squeeze = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '');

/** Of a text of a few long lines, by where its words are found. */
function placesByWords(text: string, sentences: readonly string[]): number[] {
  return sentences
    .map((sentence) => text.indexOf(sentence.replace(/\\/g, '').slice(0, 40)))
    .filter((at) => at >= 0)
    .map((at) => at / text.length);
}

export function reportShape(shapes: readonly Shape[]): void {
  console.log('\nset               points  cut off  dangling  unresolved  boilerplate  thirds          share of text');
  const row = (name: string, list: readonly Shape[]): void => {
    const sentences = list.flatMap((shape) => shape.sentences);
    const places = list.flatMap((shape) => shape.places);
    const percent = (count: number, of: number): string => ((100 * count) / Math.max(1, of)).toFixed(1);
    const count = (pattern: RegExp): string =>
      percent(sentences.filter((s) => pattern.test(s)).length, sentences.length);
    const third = (i: number): string =>
      percent(places.filter((place) => Math.min(2, Math.floor(place * 3)) === i).length, places.length);
    const share = list.reduce((sum, shape) => sum + shape.share, 0) / list.length;
    console.log(
      `${name.padEnd(16)} ${String(sentences.length).padStart(6)} ${count(cutOff).padStart(7)} ${count(dangling).padStart(9)} ${percent(
        list.reduce((sum, shape) => sum + shape.unresolved, 0),
        sentences.length,
      ).padStart(
        10,
      )} ${count(boilerplate).padStart(10)}     ${third(0)} ${third(1)} ${third(2)}   ${(100 * share).toFixed(0)} %`,
    );
  };
  for (const set of new Set(shapes.map((shape) => shape.set)))
    row(
      set,
      shapes.filter((shape) => shape.set === set),
    );
  row('all', shapes);
}
