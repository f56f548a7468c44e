/** Parses JSON with the line of each object and array. */

export interface PlacedJson {
  readonly value: unknown;
  /** From 1. */
  lineOf(value: object): number;
}

const maxDepth = 200;
const space = /[ \t\n\r]*/y;
const scalar = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

/** Undefined if the text is no JSON, or nests deeper than 200 levels. */
export function parseJson(text: string): PlacedJson | undefined {
  const lines = new Map<object, number>();
  const reader = new Reader(text, lines);
  try {
    const value = reader.whole();
    return { value, lineOf: (one) => lines.get(one) ?? 1 };
  } catch {
    return undefined;
  }
}

class Reader {
  private readonly text: string;
  private readonly lines: Map<object, number>;
  private at = 0;
  private counted = 0;
  private line = 1;

  constructor(text: string, lines: Map<object, number>) {
    this.text = text;
    this.lines = lines;
    if (text.startsWith('\ufeff')) this.at = 1;
  }

  whole(): unknown {
    const value = this.value(0);
    this.skip();
    if (this.at !== this.text.length) throw new SyntaxError('more follows');
    return value;
  }

  private skip(): void {
    space.lastIndex = this.at;
    space.test(this.text);
    this.at = space.lastIndex;
  }

  private value(depth: number): unknown {
    if (depth > maxDepth) throw new SyntaxError('too deep');
    this.skip();
    const sign = this.text[this.at];
    if (sign === '{') return this.object(depth);
    if (sign === '[') return this.array(depth);
    if (sign === '"') return this.string();
    scalar.lastIndex = this.at;
    const found = scalar.exec(this.text)?.[0];
    if (found === undefined) throw new SyntaxError('no value');
    this.at += found.length;
    return JSON.parse(found);
  }

  private place<T extends object>(value: T): T {
    for (let end = this.text.indexOf('\n', this.counted); end >= 0 && end < this.at;) {
      this.line++;
      this.counted = end + 1;
      end = this.text.indexOf('\n', this.counted);
    }
    this.lines.set(value, this.line);
    return value;
  }

  private object(depth: number): object {
    const value = this.place<Record<string, unknown>>({});
    this.at++;
    this.skip();
    if (this.take('}')) return value;
    for (;;) {
      this.skip();
      const key = this.string();
      this.skip();
      if (!this.take(':')) throw new SyntaxError('no colon');
      const inner = this.value(depth + 1);
      // a key may name the prototype
      if (key !== '__proto__') value[key] = inner;
      this.skip();
      if (this.take('}')) return value;
      if (!this.take(',')) throw new SyntaxError('no comma');
    }
  }

  private array(depth: number): unknown[] {
    const value = this.place<unknown[]>([]);
    this.at++;
    this.skip();
    if (this.take(']')) return value;
    for (;;) {
      value.push(this.value(depth + 1));
      this.skip();
      if (this.take(']')) return value;
      if (!this.take(',')) throw new SyntaxError('no comma');
    }
  }

  private string(): string {
    if (this.text[this.at] !== '"') throw new SyntaxError('no string');
    let end = this.at + 1;
    for (;;) {
      end = this.text.indexOf('"', end);
      if (end < 0) throw new SyntaxError('open string');
      let slashes = 0;
      while (this.text[end - 1 - slashes] === '\\') slashes++;
      end++;
      if (slashes % 2 === 0) break;
    }
    const written = this.text.slice(this.at, end);
    this.at = end;
    return written.includes('\\') || /[^ -~\u0080-\uffff]/.test(written)
      ? (JSON.parse(written) as string)
      : written.slice(1, -1);
  }

  private take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false;
    this.at++;
    return true;
  }
}

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;
/** Parses a line of JSON, where lines are not needed; undefined if it is none. */
export function parseJsonLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Returns an object, else undefined. */
export const asObject = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
/** Empty if it is none. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Returns a string, else ''. */
export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
