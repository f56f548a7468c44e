/** Removes echoes of the request from an answer. */
import type { ModelCall } from '../model.ts';

/** UTF-16 units. */
const maxOpener = 160;
/** Shorter ones are too common. */
const minPhrase = 8;
const minPrefix = 14;

const answerWords =
  'summary|summaries|notes?|points?|answer|overview|résumé|zusammenfassung|notizen|resumen|resumo|要約|摘要|总结';
/** A line, or the start of one, that only announces the answer. */
const announcement = new RegExp(
  String.raw`^\W{0,4}(?:(?:sure|certainly|of course|okay|ok|bien sûr|natürlich|gerne|claro)[,.!]?\s*)?(?:(?:here(?:['’]s| is| are)|below (?:is|are)|the following (?:is|are)|voici|hier (?:ist|sind)|aquí (?:está|tienes)|aqui está|以下[は是])(?=[\s\P{L}]|\p{Script=Han})[^\n:：.]{0,100}(?:${answerWords})[^\n:：.]{0,60}(?:[:：.]|$)|(?:${answerWords})\W{0,4}[:：]\W{0,4}$)\s*\**`,
  'iu',
);
const mayAnnounce =
  /^\W{0,4}(?:sure|certainly|of course|ok|here|below|the following|voici|bien|hier|natürlich|gerne|claro|aqu[ií]|以下|summary|notes|answer|résumé|zusammenfassung)/iu;
const about =
  /^(\s*(?:[-*+•]\s+)?)(?:(?:the|this) (?:given |provided |above )?(?:text|passage|article|document) (?:above )?is (?:about|an? (?:short |brief )?(?:summary|overview|description) of) |le texte parle |der text handelt von |el texto trata (?:de|sobre) |o texto (?:fala|trata) (?:de|sobre) )(\p{L})/iu;
const mayBeAbout = /^\s*(?:[-*+•]\s+)?(?:the|this|le|der|el|o) (?:given |provided |above )?(?:t|pa|ar|doc)/iu;
const openers = [
  'the text is about',
  'this text is about',
  'sure',
  'here is',
  'here are',
  "here's",
  'voici',
  'hier ist',
  'below is',
];

const settingKey = /^[\p{L} ]{1,12}:/u;

/** Tracks one answer; not reusable. */
export class EchoFilter {
  readonly #phrases: readonly string[];
  readonly #settings: ReadonlyMap<string, ReadonlySet<string>>;
  #held = '';
  #open = false;
  #shown = false;

  constructor(call: Pick<ModelCall, 'system' | 'user' | 'stop'>) {
    const ask = readAsk(call);
    const names = [...call.user.matchAll(/^\[\d+\]\n(\(.+\))$/gm)].map((match) => match[1]!);
    const lines = [...call.system.split('\n'), ...ask.split('\n')];
    const sentences = call.system.split(/(?<=[.:])\s+/);
    const phrases = [...lines, ...sentences, ...names, call.stop ?? ''].map(plain);
    this.#phrases = [...new Set(phrases)].filter((phrase) => phrase.length >= minPhrase);
    this.#settings = findSettings(ask);
  }

  /** Returns the text that is certainly content. */
  push(piece: string): string {
    this.#held += piece;
    let out = '';
    for (;;) {
      const end = this.#held.indexOf('\n') + 1;
      if (end === 0) break;
      const line = this.#held.slice(0, end);
      this.#held = this.#held.slice(end);
      out += this.#open ? line : this.#clean(line);
      this.#open = false;
    }
    if (this.#held && (this.#open || !this.#mayBeEcho(this.#held))) {
      out += this.#open ? this.#held : this.#clean(this.#held);
      this.#open = true;
      this.#held = '';
    }
    this.#shown ||= /\S/.test(out);
    return out;
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest && !this.#open ? this.#clean(rest) : rest;
  }

  #mayBeEcho(line: string): boolean {
    const text = plain(line);
    if (text === '') return line.length < maxOpener;
    if (line.length < maxOpener && !this.#shown && this.#mayOpen(line, text)) return true;
    const end = settingKey.exec(text);
    if (end && this.#settings.has(end[0]) && text.length < 400) return true;
    return this.#phrases.some((phrase) => phrase.startsWith(text) || text === phrase);
  }

  #mayOpen(line: string, text: string): boolean {
    if (openers.some((opener) => opener.startsWith(text))) return true;
    return mayAnnounce.test(line) || (mayBeAbout.test(line) && !about.test(line) && line.length < 64);
  }

  #clean(line: string): string {
    const text = plain(line);
    if (this.#isEcho(text)) return '';
    const phrase = this.#phrases.find((known) => known.length >= minPrefix && text.startsWith(known));
    if (phrase) {
      const rest = afterWords(line, phrase);
      return /[\p{L}\p{N}]/u.test(rest) ? this.#clean(rest.trimStart()) : '';
    }
    if (this.#isSetting(text)) return '';
    let rest = line;
    const announced = this.#shown ? null : announcement.exec(rest);
    if (announced) rest = rest.slice(announced[0].length).trimStart();
    return rest.replace(about, (_, lead: string, first: string) => lead + first.toUpperCase());
  }

  #isEcho(text: string): boolean {
    return this.#phrases.some((phrase) => phrase === text || (text.length >= minPrefix && phrase.startsWith(text)));
  }

  #isSetting(text: string): boolean {
    const key = settingKey.exec(text)?.[0];
    const known = key === undefined ? undefined : this.#settings.get(key);
    if (key === undefined || !known) return false;
    const words = splitWords(text.slice(key.length));
    return words.filter((word) => known.has(word)).length >= words.length * 0.6;
  }
}

/** Filters a complete answer. */
export function withoutEchoes(call: Pick<ModelCall, 'system' | 'user' | 'stop'>, answer: string): string {
  const filter = new EchoFilter(call);
  return filter.push(answer) + filter.end();
}

/** Returns the instructions that follow the text in the request. */
function readAsk({ user, stop }: Pick<ModelCall, 'user' | 'stop'>): string {
  const end = stop ? user.lastIndexOf(stop) : -1;
  return end < 0 || !stop ? user.slice(-600) : user.slice(end + stop.length);
}

/** Words of each setting by its key, such as `tell:`. */
function findSettings(ask: string): Map<string, ReadonlySet<string>> {
  const settings = new Map<string, ReadonlySet<string>>();
  for (const line of ask.split('\n')) {
    const found = /^- ([a-z ]{1,12}:) (.+)$/.exec(line);
    if (found) settings.set(found[1]!, new Set(splitWords(found[2]!.toLowerCase())));
  }
  return settings;
}

const splitWords = (text: string): string[] => text.match(/[\p{L}\p{N}]+/gu) ?? [];

function plain(line: string): string {
  return line
    .toLowerCase()
    .replace(/[*_`]+/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^ ?(?:[-+•>#]+ )*/, '')
    .trim();
}

function afterWords(line: string, phrase: string): string {
  let at = 0;
  let matched = 0;
  const compact = phrase.replace(/\s+/g, '');
  const lead = /^\s*(?:[-*+•>#]+\s+)*/.exec(line)![0].length;
  for (at = lead; at < line.length && matched < compact.length; at++)
    if (line[at]!.toLowerCase() === compact[matched]) matched++;
  return line.slice(at);
}
