/**
 * Removes hidden reasoning from an answer's text. It precedes the answer in one of `spellings`; the prompt may contain its
 * opening mark. Marks within the answer are text. Pieces may be cut anywhere; linear time.
 */

interface Spelling {
  /** Opening marks, in lower case. */
  readonly open: readonly string[];
  /** Marks that end it. */
  readonly close: readonly string[];
  /** Whether it also ends reasoning without an opening mark. */
  readonly alone: boolean;
}

function tag(name: string, alone = true): Spelling {
  return { open: [`<${name}>`, `<${name} `], close: [`</${name}>`], alone };
}

/** By model family. */
const spellings: readonly Spelling[] = [
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

/** Harmony (gpt-oss): the answer is the message of channel `final`. */
const harmonyOpen = ['<|start|>assistant', '<|channel|>'];
const harmonyHeader =
  /^(?:<\|start\|>assistant)?(?:<\|channel\|>([^<]{0,40})(?:<\|constrain\|>[^<]{0,40})?)?<\|message\|>/i;
const harmonyFinal =
  /<\|channel\|>\s?final[^<]{0,40}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>|<\|start\|>assistant<\|message\|>/i;
/** Harmony without its marks: `analysisWe need …assistantfinalThe pump …`. */
const bareOpen = 'analysis';
const bareFinal = /assistant\s?final(?=[^a-z])/;

/** Frames around an answer after reasoning; those of `framesAlways` in any answer. */
const framesAlways = ['<|start_response|>', '<|begin_of_solution|>', '<|begin_of_box|>'];
const framesAfter = ['<answer>', '<response>', '<output>', '<final>', '<|content|>'];
/** Marks that may end an answer without being part of it; lower case. */
const ends = [
  ...['<|end|>', '<|return|>', '<|call|>', '<|im_end|>', '<|eot_id|>', '<|endoftext|>', '<|end_of_text|>'],
  ...['<|end_response|>', '<|end_of_solution|>', '<|end_of_box|>', '<|end_of_turn_token|>', '<end_of_turn>', '<turn|>'],
];
const endsOfFrames = ['</answer>', '</response>', '</output>', '</final>'];

/** Longest mark; a possible start of one is held back. */
const maxMark = 160;
const escape = (mark: string): string => mark.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const closing = (marks: readonly string[]): RegExp => new RegExp(marks.map(escape).join('|'), 'i');
const closes = new Map(spellings.map((spelling) => [spelling, closing(spelling.close)]));
const aloneMarks = spellings.filter(({ alone }) => alone).flatMap(({ close }) => close);
const alone = new RegExp(`${aloneMarks.map(escape).join('|')}|${harmonyFinal.source}`, 'gi');
const aloneBegins = [...aloneMarks, '<|channel|>final', '<|start|>assistant<|message|>'];

/** Removes thoughts from a stream. */
export interface ThoughtFilter {
  /** Returns the visible part; '' while undecided. */
  push(text: string): string;
  /**
   * Returns the text held back.
   * @param whole whether the model ended it; default true
   */
  end(whole?: boolean): string;
  /** Whether reasoning has not ended. */
  readonly unclosed: boolean;
}

/**
 * Filters one answer.
 * @param begun whether it begins within reasoning; without an end that was the answer
 * @param onStray called if all text so far was reasoning
 */
export function createThinkFilter(begun = false, onStray?: () => void): ThoughtFilter {
  return new Filter(begun, onStray);
}

type State = 'start' | 'inside' | 'open' | 'body';

class Filter implements ThoughtFilter {
  private state: State;
  private held = '';
  private close: RegExp | undefined;
  private begun: boolean;
  private readonly onStray: (() => void) | undefined;
  /** Whether reasoning was removed, so that the answer may be framed. */
  private thought = false;
  private framed = false;
  /** Text before a possible end of reasoning without an opening mark; it is the answer if none comes. */
  private readonly all: string[] = [];
  /** Last character: a mark after a backtick is quoted. */
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

  /** @param over whether nothing follows */
  private step(over: boolean): string {
    for (;;) {
      const before = this.state;
      const length = this.held.length;
      const shown = this[before](over);
      if (shown !== '' || (this.state === before && this.held.length === length)) return shown;
    }
  }

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

  /** Returns text, unless it ends reasoning without an opening mark. */
  private open(over: boolean): string {
    const found = this.findStray(over);
    if (found !== null) {
      this.onStray?.();
      this.leave(found.index + found[0].length);
      return '';
    }
    const ending = findTailStart(this.held, []);
    const shown = this.take(over ? ending : Math.min(ending, this.tailOfMark()));
    if (over) this.dropEnds();
    return shown;
  }

  /** Removes end marks; incomplete ones are text. */
  private dropEnds(): void {
    const held = this.held.toLowerCase();
    if ([...ends, ...endsOfFrames].some((mark) => held.includes(mark))) this.held = '';
  }

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

  /** Finds the first real end: not quoted, and followed by an answer if it is a tag. */
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
    const shown = this.take(findTailStart(this.held, more));
    if (over) this.dropEnds();
    return shown;
  }
}

/** Whether a mark ends reasoning rather than being mentioned. */
function isEnd(mark: string, before: string, after: string, over: boolean): boolean {
  if (before.endsWith('`') || after.startsWith('`')) return false;
  if (!mark.startsWith('</')) return true;
  if (/^[ \t]*\r?\n/.test(after)) return true;
  const next = after.trimStart();
  if (next === '') return over;
  return /(?:^|[.!?:)\]"'”»。！？…]|\n)[ \t]*$/.test(before) && !/^[a-z,;.)]/.test(next);
}

/** Start of the marks at the end, of which the last may be incomplete; else the length. */
function findTailStart(text: string, more: readonly string[]): number {
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
