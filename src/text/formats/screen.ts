/** Lines that a terminal showed, without colours, progress that was written over, and deleted letters. */

export interface ScreenLine {
  readonly text: string;
  /** Line of the source that wrote it first. */
  readonly line: number;
}

interface Row {
  readonly cells: string[];
  line: number;
}

const maxColumn = 4000;
const escape = /\u001b(?:\[([0-9;?]*)[ -/]*([@-~])|[\]PX^_k][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]?[0-Z\\^-~])/y;

/** Interprets output of a terminal without a height: what scrolled away stays. */
export class Screen {
  private readonly rows: Row[] = [{ cells: [], line: 1 }];
  private row = 0;
  private column = 0;
  /** Escape that a later piece ends. */
  private held = '';

  write(piece: string, line: number): void {
    const text = this.held + piece;
    this.held = '';
    for (let at = 0; at < text.length;) {
      const sign = text[at]!;
      if (sign === '\u001b') {
        escape.lastIndex = at;
        const found = escape.exec(text);
        if (!found) {
          if (text.length - at < 200) this.held = text.slice(at);
          return;
        }
        if (found[2] !== undefined) this.control(found[2], found[1]!, line);
        at += found[0].length;
        continue;
      }
      const code = text.codePointAt(at)!;
      const letter = String.fromCodePoint(code);
      this.put(letter, code, line);
      at += letter.length;
    }
  }

  lines(): ScreenLine[] {
    return this.rows.map(({ cells, line }) => ({
      text: Array.from(cells, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
      line,
    }));
  }

  private put(letter: string, code: number, line: number): void {
    if (code === 10) this.moveTo(this.row + 1, this.column, line);
    else if (code === 13) this.column = 0;
    else if (code === 8) this.column = Math.max(0, this.column - 1);
    else if (code === 9) this.column = Math.min(maxColumn, (Math.floor(this.column / 8) + 1) * 8);
    else if (code >= 32 && code !== 127 && this.column < maxColumn) {
      const row = this.rows[this.row]!;
      if (row.cells.length === 0) row.line = line;
      row.cells[this.column++] = letter;
    }
  }

  private moveTo(row: number, column: number, line: number): void {
    this.row = Math.max(0, row);
    while (this.rows.length <= this.row) this.rows.push({ cells: [], line });
    this.column = Math.min(maxColumn, Math.max(0, column));
  }

  private control(command: string, given: string, line: number): void {
    const count = Math.min(maxColumn, Number(given.split(';', 1)[0]) || 1);
    const { cells } = this.rows[this.row]!;
    if (command === 'A') this.moveTo(this.row - count, this.column, line);
    else if (command === 'B') this.moveTo(Math.min(this.rows.length, this.row + count), this.column, line);
    else if (command === 'C') this.column = Math.min(maxColumn, this.column + count);
    else if (command === 'D') this.column = Math.max(0, this.column - count);
    else if (command === 'G') this.column = count - 1;
    else if (command === 'P') cells.splice(this.column, count);
    else if (command === 'K') this.erase(given);
    else if (command === 'J' && (given === '' || given === '0')) {
      cells.length = Math.min(cells.length, this.column);
      for (const row of this.rows.slice(this.row + 1)) row.cells.length = 0;
    }
    // A cleared or newly addressed screen goes on below: what it showed before stays.
    else if (command === 'J' || command === 'H' || command === 'f') this.moveTo(this.rows.length, 0, line);
  }

  private erase(given: string): void {
    const { cells } = this.rows[this.row]!;
    if (given === '1') cells.fill(' ', 0, Math.min(cells.length, this.column + 1));
    else cells.length = given === '2' ? 0 : Math.min(cells.length, this.column);
  }
}
