/**
 * Removes a model's hidden reasoning from the text of its answer, where a server leaves it in.
 *
 * In: pieces of the answer, cut anywhere. Out: the pieces that a person may see. A thought stands at the beginning, in one of the
 * spellings of `spellings`; its opening mark may be missing, because some servers put it into the prompt. Marks that come later
 * belong to the answer. Linear in the length of the answer.
 */

interface Spelling {
  /** Marks that open a thought, in lower case; the answer begins with one of them. */
  readonly open: readonly string[];
  /** Marks that end it. */
  readonly close: readonly string[];
  /** Also ends a thought whose opening mark is missing. */
  readonly alone: boolean;
}

function tag(name: string, alone = true): Spelling {
  return { open: [`<${name}>`, `<${name} `], close: [`</${name}>`], alone };
}

/** The spellings of the model families that people run, each with the family that writes it. */
export const spellings: readonly Spelling[] = [
  tag('think'), // DeepSeek, Qwen, GLM, MiniMax, Nemotron, and most others
  tag('thinking'), // Reflection, prompts made for Claude
  tag('thought'), // EXAONE, Marco
  tag('thoughts'),
  tag('reasoning'),
  tag('reasoning_scratchpad'), // Hermes
  tag('seed:think'), // Seed-OSS
  tag('longcat_think'), // LongCat
  tag('mm:think'),
  tag('scratchpad', false),
  tag('reflection', false),
  { open: ['<details type="reasoning"'], close: ['</details>'], alone: false }, // Open WebUI, Z.ai
  { open: ['[think]'], close: ['[/think]'], alone: true }, // Magistral
  { open: ['◁think▷'], close: ['◁/think▷'], alone: true }, // Kimi
  { open: ['<|start_thinking|>'], close: ['<|end_thinking|>'], alone: true }, // Command A, R7B
  { open: ['<|begin_of_thought|>'], close: ['<|end_of_thought|>'], alone: true }, // OpenThinker, Sky-T1
  { open: ['<|inner_prefix|>'], close: ['<|inner_suffix|>'], alone: true }, // Apertus
  { open: ['<|think|>'], close: ['<|/think|>', '<channel|>'], alone: true }, // Gemma on LiteRT
  { open: ['<|thinking|>'], close: ['<|/thinking|>'], alone: true },
  { open: ['<|channel>'], close: ['<channel|>', '</channel|>'], alone: true }, // Gemma 4
  { open: ['<unused94>'], close: ['<unused95>'], alone: true }, // MedGemma
  { open: ['here is my thought process:'], close: ['here is my response:'], alone: false }, // Granite
];

/** Harmony (gpt-oss): every message names its channel; the answer is the one of the channel `final`. */
const harmonyOpen = ['<|start|>assistant', '<|channel|>'];
const harmonyHeader =
  /^(?:<\|start\|>assistant)?(?:<\|channel\|>([^<]{0,40})(?:<\|constrain\|>[^<]{0,40})?)?<\|message\|>/i;
const harmonyFinal =
  /<\|channel\|>\s?final[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>|<\|start\|>assistant<\|message\|>/i;
/** Harmony whose special marks the server has removed: `analysisWe need …assistantfinalThe pump …`. */
const bareOpen = 'analysis';
const bareFinal = /assistant\s?final(?=[^a-z])/;

/** What frames the answer behind a thought; the first column also where no thought came before. */
const framesAlways = ['<|start_response|>', '<|begin_of_solution|>', '<|begin_of_box|>'];
const framesAfter = ['<answer>', '<response>', '<output>', '<final>', '<|content|>'];
/** What may stand at the very end of an answer and is not part of it, in lower case. */
const ends = [
  ...['<|end|>', '<|return|>', '<|call|>', '<|im_end|>', '<|eot_id|>', '<|endoftext|>', '<|end_of_text|>'],
  ...['<|end_response|>', '<|end_of_solution|>', '<|end_of_box|>', '<|end_of_turn_token|>', '<end_of_turn>', '<turn|>'],
];
const endsOfFrames = ['</answer>', '</response>', '</output>', '</final>'];

/** The longest mark of the tables; what may be the beginning of one is held back. */
const maxMark = 160;
const escape = (mark: string): string => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const closing = (marks: readonly string[]): RegExp => new RegExp(marks.map(escape).join('|'), 'i');
const closes = new Map(spellings.map((spelling) => [spelling, closing(spelling.close)]));
const aloneMarks = spellings.filter(({ alone }) => alone).flatMap(({ close }) => close);
const alone = new RegExp(`${aloneMarks.map(escape).join('|')}|${harmonyFinal.source}`, 'gi');
const aloneBegins = [...aloneMarks, '<|channel|>final', '<|start|>assistant<|message|>'];

export interface ThoughtFilter {
  /** Returns the visible part of the next piece; '' while nothing of it may be shown. */
  push(text: string): string;
  /** Returns what was held back when the answer ended. @param whole the model ended it, nothing cut it off; default true. */
  end(whole?: boolean): string;
  /** True while a thought has not ended. */
  readonly unclosed: boolean;
}

/**
 * Makes a filter for one answer.
 *
 * @param begun the answer begins within a thought; where none ends, it was the answer.
 * @param onStray a thought without an opening mark ended: all text that was given back before was part of it.
 */
export function thinkFilter(begun = false, onStray?: () => void): ThoughtFilter {
  return new Filter(begun, onStray);
}

type State = 'start' | 'inside' | 'open' | 'body';

class Filter implements ThoughtFilter {
  private state: State;
  private held = '';
  private close: RegExp | undefined;
  private begun: boolean;
  private readonly onStray: (() => void) | undefined;
  /** A thought came before: its answer may stand in a frame. */
  private thought = false;
  private framed = false;
  /** Pieces that were given back or hidden in a thought that nothing opened: the answer, where that thought never ends. */
  private readonly all: string[] = [];
  /** Last character that was given back; a mark after a backtick is quoted. */
  private last = '';

  constructor(begun: boolean, onStray: (() => void) | undefined) {
    this.begun = begun;
    this.onStray = onStray;
    this.state = begun ? 'inside' : 'start';
  }

  get unclosed(): boolean {
    return this.state === 'inside';
  }

  push(text: string): string {
    this.held += text;
    if (this.begun) this.all.push(text);
    return this.step(false);
  }

  end(whole = true): string {
    const shown = this.step(true);
    if (this.state !== 'inside') return shown + this.take(this.held.length);
    return this.begun && whole ? this.all.join('') : '';
  }

  /** @param over nothing more will come: what may become a mark is none. */
  private step(over: boolean): string {
    for (;;) {
      const before = this.state;
      const length = this.held.length;
      const shown = this[before](over);
      if (shown !== '' || (this.state === before && this.held.length === length)) return shown;
    }
  }

  /** Gives back the first characters of what is held. */
  private take(length: number): string {
    const shown = this.held.slice(0, length);
    this.held = this.held.slice(length);
    this.last = shown.at(-1) ?? this.last;
    return shown;
  }

  private start(over: boolean): string {
    this.held = this.held.trimStart();
    if (this.held === '') return '';
    const lower = this.held.slice(0, maxMark).toLowerCase();
    if (this.openHarmony(lower)) return '';
    const spelling = spellings.find(({ open }) => open.some((mark) => lower.startsWith(mark)));
    if (spelling !== undefined) {
      const mark = spelling.open.find((candidate) => lower.startsWith(candidate)) ?? '';
      const length = mark.endsWith('>') || !mark.startsWith('<') ? mark.length : this.held.indexOf('>') + 1;
      if (length > 0) return this.enter(length, closes.get(spelling));
      if (!over && this.held.length < maxMark) return '';
    }
    const frame = [...framesAlways, ...(this.thought ? framesAfter : [])].find((mark) => lower.startsWith(mark));
    if (frame !== undefined) {
      this.held = this.held.slice(frame.length);
      this.framed = true;
      return '';
    }
    if (!over && this.mayOpen(lower)) return '';
    this.state = this.thought || this.onStray === undefined ? 'body' : 'open';
    return '';
  }

  /** Reads the head of a message of Harmony. */
  private openHarmony(lower: string): boolean {
    const head = harmonyHeader.exec(this.held.slice(0, maxMark));
    if (head !== null) {
      const channel = head[1]?.trim().toLowerCase() ?? 'final';
      if (channel.startsWith('final')) {
        this.held = this.held.slice(head[0].length);
        this.thought = true;
        this.state = 'body';
      } else {
        this.enter(head[0].length, harmonyFinal);
      }
      return true;
    }
    if (lower.startsWith(bareOpen) && /^[A-Z]/.test(this.held.slice(bareOpen.length))) {
      this.enter(bareOpen.length, bareFinal);
      return true;
    }
    return false;
  }

  private mayOpen(lower: string): boolean {
    const literals = [
      ...spellings.flatMap(({ open }) => open),
      ...framesAlways,
      ...(this.thought ? framesAfter : []),
      ...harmonyOpen,
      bareOpen,
    ];
    const inHead =
      lower.length < maxMark && harmonyOpen.some((mark) => lower.startsWith(mark)) && !/<\|message\|>/.test(lower);
    return inHead || literals.some((mark) => mark.startsWith(lower));
  }

  private enter(length: number, close: RegExp | undefined): string {
    this.held = this.held.slice(length);
    this.close = close;
    this.begun = false;
    this.all.length = 0;
    this.state = 'inside';
    return '';
  }

  private inside(over: boolean): string {
    const end = this.close === undefined ? this.findStray(over) : this.close.exec(this.held);
    if (end === null) {
      this.last = this.held.at(-maxMark - 1) ?? this.last;
      this.held = this.held.slice(-maxMark);
      return '';
    }
    this.leave(end.index + end[0].length);
    return '';
  }

  private leave(length: number): void {
    this.held = this.held.slice(length);
    this.thought = true;
    this.begun = false;
    this.all.length = 0;
    this.state = 'start';
  }

  /** Text of the answer, unless a thought without an opening mark ends in it. */
  private open(over: boolean): string {
    const found = this.findStray(over);
    if (found !== null) {
      this.onStray?.();
      this.leave(found.index + found[0].length);
      return '';
    }
    const ending = tailStart(this.held, []);
    const shown = this.take(over ? ending : Math.min(ending, this.tailOfMark()));
    if (over) this.dropEnds();
    return shown;
  }

  /** At the end of the answer: marks are dropped, what only looked like the beginning of one is text. */
  private dropEnds(): void {
    const held = this.held.toLowerCase();
    if ([...ends, ...endsOfFrames].some((mark) => held.includes(mark))) this.held = '';
  }

  /** Where something begins, at the end of what is held, that may yet be the end of a thought. */
  private tailOfMark(): number {
    const from = Math.max(0, this.held.length - maxMark);
    for (let at = from; at < this.held.length; at++) {
      const rest = this.held.slice(at).toLowerCase();
      const first = rest[0] ?? '';
      if (!'<[◁'.includes(first)) continue;
      const waits = aloneMarks.some((mark) => rest.startsWith(mark) && rest.slice(mark.length).trim() === '');
      const header = rest.startsWith('<|channel|>') && !rest.includes('<|message|>');
      if (waits || header || aloneBegins.some((mark) => mark.startsWith(rest))) return at;
    }
    return this.held.length;
  }

  /** The first end of a thought that is one: not quoted, and where a tag, with an answer beginning behind it. */
  private findStray(over: boolean): { index: number; 0: string } | null {
    alone.lastIndex = 0;
    for (;;) {
      const found = alone.exec(this.held);
      if (found === null) return null;
      const { index } = found;
      const before = this.held.slice(Math.max(0, index - 8), index);
      const after = this.held.slice(index + found[0].length, index + found[0].length + 64);
      if (isEnd(found[0], before === '' ? this.last : before, after, over)) return { index, 0: found[0] };
      if (after.trim() === '' && !over) return null;
    }
  }

  private body(over: boolean): string {
    const more = this.framed || this.thought ? endsOfFrames : [];
    const shown = this.take(tailStart(this.held, more));
    if (over) this.dropEnds();
    return shown;
  }
}

/** Whether a mark ends a thought, or is what the answer speaks about. */
function isEnd(mark: string, before: string, after: string, over: boolean): boolean {
  if (before.endsWith('`') || after.startsWith('`')) return false;
  if (!mark.startsWith('</')) return true;
  if (/^[ \t]*\r?\n/.test(after)) return true;
  const next = after.trimStart();
  if (next === '') return over;
  return /(?:^|[.!?:)\]"'”»。！？…]|\n)[ \t]*$/.test(before) && !/^[a-z,;.)]/.test(next);
}

/** Where the marks at the end of a text begin, the last of which may still be incomplete; its length where there are none. */
function tailStart(text: string, more: readonly string[]): number {
  const marks = [...ends, ...more];
  let at = text.length;
  const open = text.lastIndexOf('<');
  if (open >= 0 && text.length - open < 24) {
    const rest = text.slice(open).toLowerCase();
    if (marks.some((mark) => mark.startsWith(rest))) at = open;
  }
  for (;;) {
    const end = text.slice(Math.max(0, at - maxMark), at).trimEnd();
    const shift = at - Math.min(at, maxMark);
    const lower = end.toLowerCase();
    const mark = marks.find((candidate) => lower.endsWith(candidate));
    if (mark === undefined) return at;
    at = shift + end.length - mark.length;
  }
}
