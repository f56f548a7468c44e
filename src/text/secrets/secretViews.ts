/**
 * Removes escapes (nested JSON, percent signs, entities, CSV quotes, colour codes, zero-width characters) from a text, so that
 * secrets behind them are found.
 */

export interface View {
  readonly text: string;
  /** Source offset of each UTF-16 unit. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const escapes =
  /\\|%[0-9A-Fa-f]{2}|&(?:#|quot|apos|amp|lt|gt|nbsp)|""|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|(?![\ufeff])\p{Default_Ignorable_Code_Point}/u;

/** Undefined if nothing is escaped. */
export function createView(source: string): View | undefined {
  if (!escapes.test(source)) return undefined;
  return new ViewWriter(source).write();
}

const entities: Readonly<Record<string, string>> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ' };
const entity = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(quot|apos|amp|lt|gt|nbsp));/iy;
const percent = /%(?:25){0,3}([0-9A-Fa-f]{2})/y;
const utf8 = new TextDecoder();
const plainRun = /[^\\%&"\u0000-\u001f\u007f-\u009f\p{Default_Ignorable_Code_Point}]{1,4096}/uy;
const ignorable = /\p{Default_Ignorable_Code_Point}/u;
const writtenEscape = /\\+(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|(033|e)(?=\[))/iy;
/** A colour code after a written escape character. */
const colourCode = /\[[0-9;]{0,40}[A-Za-z]/y;

class ViewWriter {
  private readonly pieces: string[] = [];
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  private length = 0;
  private at = 0;

  private readonly source: string;

  constructor(source: string) {
    this.source = source;
    this.starts = new Int32Array(source.length);
    this.ends = new Int32Array(source.length);
  }

  write(): View {
    const { source } = this;
    while (this.at < source.length) {
      plainRun.lastIndex = this.at;
      if (plainRun.test(source)) this.copy(plainRun.lastIndex);
      else this.step(source[this.at]!);
    }
    return {
      text: this.pieces.join(''),
      starts: this.starts.subarray(0, this.length),
      ends: this.ends.subarray(0, this.length),
    };
  }

  private step(char: string): void {
    if (char === '\\') return this.backslashes();
    if (char === '%' && this.percent()) return;
    if (char === '&' && this.entity()) return;
    if (char === '"') return this.quote();
    const code = this.source.codePointAt(this.at)!;
    const width = code > 0xffff ? 2 : 1;
    if (code === 9 || code === 10 || code === 13) return this.copy(this.at + 1);
    if (code < 32 || (code >= 127 && code < 160) || ignorable.test(String.fromCodePoint(code))) this.at += width;
    else this.copy(this.at + width);
  }

  /** Each level of nested JSON doubles backslashes. */
  private backslashes(): void {
    const { source } = this;
    writtenEscape.lastIndex = this.at;
    const written = writtenEscape.exec(source);
    if (written) {
      const code = written[4] === undefined ? parseInt(written[1] ?? written[2] ?? written[3]!, 16) : 27;
      return this.character(code, writtenEscape.lastIndex);
    }
    let end = this.at;
    while (source[end] === '\\') end++;
    const next = source[end] ?? '';
    if (next === 'n' || next === 'r' || next === 't') return this.put(next === 't' ? '\t' : '\n', end + 1);
    if ('"\'`/'.includes(next) && next !== '') return this.put(next, end + 1);
    this.put('\\', end);
  }

  private character(code: number, end: number): void {
    if (code === 27) {
      colourCode.lastIndex = end;
      this.at = colourCode.test(this.source) ? colourCode.lastIndex : end;
    } else if (code < 32 && code !== 9 && code !== 10 && code !== 13) this.at = end;
    else if (code > 0x10ffff) this.put('\ufffd', end);
    else if (ignorable.test(String.fromCodePoint(code))) this.at = end;
    else this.put(String.fromCodePoint(code), end);
  }

  /** Decodes a byte below 128, or two to four bytes of a letter; `%2525` is encoded twice. */
  private percent(): boolean {
    const codes: number[] = [];
    let end = this.at;
    for (let wanted = 1; codes.length < wanted;) {
      percent.lastIndex = end;
      const match = percent.exec(this.source);
      if (!match) break;
      const byte = parseInt(match[1]!, 16);
      if (codes.length === 0) wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
      codes.push(byte);
      end = percent.lastIndex;
    }
    // `%DB_NAME%` does not begin with an encoded letter
    if (codes.length === 0 || (codes.length === 1 && codes[0]! >= 128)) return false;
    if (codes.length === 1) this.character(codes[0]!, end);
    else this.put(utf8.decode(Uint8Array.from(codes)), end);
    return true;
  }

  private entity(): boolean {
    entity.lastIndex = this.at;
    const match = entity.exec(this.source);
    if (!match) return false;
    const [, hex, decimal, name] = match;
    if (name !== undefined) this.put(entities[name.toLowerCase()]!, entity.lastIndex);
    else this.character(hex === undefined ? Number(decimal) : parseInt(hex, 16), entity.lastIndex);
    return true;
  }

  /** A doubled quote beside a letter is one of CSV; else an empty string. */
  private quote(): void {
    const { source, at } = this;
    const doubled =
      source[at + 1] === '"' &&
      source[at + 2] !== '"' &&
      /[\w{}[\]]/.test((source[at - 1] ?? '') + (source[at + 2] ?? ''));
    this.put('"', at + (doubled ? 2 : 1));
  }

  private copy(end: number): void {
    this.pieces.push(this.source.slice(this.at, end));
    for (; this.at < end; this.at++, this.length++) {
      this.starts[this.length] = this.at;
      this.ends[this.length] = this.at + 1;
    }
  }

  private put(text: string, end: number): void {
    this.pieces.push(text);
    for (let i = 0; i < text.length; i++, this.length++) {
      this.starts[this.length] = this.at;
      this.ends[this.length] = end;
    }
    this.at = end;
  }
}
