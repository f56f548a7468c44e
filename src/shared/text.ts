/** Texts, numbers and durations for display. Pure: used by page and extension. */
import { panelTexts, type PluralKey, type TextKey } from './texts.ts';

/** Replaces `{0}`, `{1}` by values; keeps placeholders without a value. */
export function fill(template: string, values: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
}

const engineSentences: ReadonlyMap<string, TextKey> = new Map(
  Object.entries(panelTexts)
    .filter(([key]) => key.startsWith('said.'))
    .map(([key, text]) => [text, key as TextKey]),
);

/** Texts and number formats of one language. */
export interface Words {
  readonly locale: string;
  t(key: TextKey, ...values: readonly (string | number)[]): string;
  /** Plural form for `count`, which is `{0}` unless values are given. */
  n(key: PluralKey, count: number, ...values: readonly (string | number)[]): string;
  /** Translates an engine sentence; returns unknown ones unchanged. */
  said(sentence: string): string;
  number(value: number): string;
  percent(share: number): string;
  /** `8 s`, `1:05`, `1:02:09`. */
  duration(ms: number): string;
  /** US dollars with significant digits only. */
  cost(usd: number): string;
  /** `line 3` or `lines 3 to 9`. */
  lines(start: number, end: number): string;
}

/** @param texts missing ones fall back to English, as does an unknown locale */
export function createWords(texts: Readonly<Record<string, string>>, locale: string): Words {
  const known = supported(locale);
  const numbers = new Intl.NumberFormat(known);
  const percents = new Intl.NumberFormat(known, { style: 'percent' });
  const plurals = new Intl.PluralRules(known);
  const raw = (key: string): string | undefined => texts[key] ?? (panelTexts as Readonly<Record<string, string>>)[key];
  const t: Words['t'] = (key, ...values) => fill(raw(key) ?? key, values);
  return {
    locale: known,
    t,
    n(key, count, ...values) {
      const form = texts[`${key}.${plurals.select(count)}`] ?? raw(`${key}.${count === 1 ? 'one' : 'other'}`) ?? key;
      return fill(form, values.length > 0 ? values : [numbers.format(count)]);
    },
    said(sentence) {
      const values: string[] = [];
      const template = sentence.replace(/\d+/g, (digits) => `{${values.push(numbers.format(Number(digits))) - 1}}`);
      const key = engineSentences.get(template);
      return key === undefined ? sentence : t(key, ...values);
    },
    number: (value) => numbers.format(value),
    percent: (share) => percents.format(share),
    duration: (ms) => formatDuration(ms, numbers),
    cost: (usd) => formatCost(usd, known),
    lines: (start, end) =>
      start === end
        ? t('lines.single', numbers.format(start))
        : t('lines.range', numbers.format(start), numbers.format(end)),
  };
}

function supported(locale: string): string {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale)[0] ?? 'en';
  } catch {
    return 'en';
  }
}

function formatDuration(ms: number, numbers: Intl.NumberFormat): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (ms > 0 && ms < 950) return `${numbers.format(Math.max(0.1, Math.round(ms / 100) / 10))} s`;
  if (seconds < 60) return `${seconds} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${two(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`;
}

function formatCost(usd: number, locale: string): string {
  const digits = usd === 0 || usd >= 0.1 ? 2 : usd >= 0.001 ? 3 : 4;
  const shown = usd > 0 && usd < 0.0001 ? 0.0001 : usd;
  const text = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(shown);
  return shown === usd ? text : `< ${text}`;
}

/** First point of a note as plain text on one line; '' for an empty note. */
export function writeHeadline(note: string, most = 160): string {
  for (const line of note.split('\n')) {
    const plain = toPlainLine(line);
    if (plain === '') continue;
    return plain.length <= most ? plain : `${plain.slice(0, most - 1).replace(/(?<!\s)\s+\S*$/, '')}…`;
  }
  return '';
}

function toPlainLine(line: string): string {
  if (/^\s*(?:```|~~~|\[\d+\]\s*$|[-*_]{3,}\s*$)/.test(line)) return '';
  return line
    .replace(/^\s*(?:#{1,6}\s+|[-*+]\s+|\d{1,3}[.)]\s+|>\s*)+/, '')
    .replace(/(?<!\s)\s*\[\d{1,4}\](?!\()/g, '')
    .replace(/(\*\*|__)(.+?)\1/g, '$2')
    .replace(/(?<![\w*])\*([^*\s][^*]*)\*(?!\w)/g, '$1')
    .replace(/`([^`]+)`/g, '$1')
    .trim();
}

/** Scripts without spaces between words: only these need the slow segmenter. */
const unspaced = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]/;

/** Counts words without citation marks and punctuation. */
export function countWords(markdown: string, locale: string): number {
  const text = markdown.replace(/\[\d{1,4}\](?!\()/g, ' ');
  if (!unspaced.test(text)) return text.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’.,_-]*/gu)?.length ?? 0;
  let words = 0;
  for (const part of new Intl.Segmenter(supported(locale), { granularity: 'word' }).segment(text)) {
    if (part.isWordLike) words++;
  }
  return words;
}

/** Last path segment of a URI, decoded. */
export function getFileName(uri: string): string {
  const path = uri.replace(/[?#][^]*$/, '').replace(/(?<!\/)\/+$/, '');
  const last = path.slice(path.lastIndexOf('/') + 1) || uri;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
