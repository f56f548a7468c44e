/** Collects batch rows as bytes in one preallocated array, so their text is in memory once. */

/** Room for the vendor's framing. */
const margin = 4_096;
const encoder = new TextEncoder();

/** Rows with separators; valid until the next write. */
export interface Rows {
  readonly count: number;
  /** Copies nothing. */
  within(before: string, after: string): Uint8Array;
}

interface RowWriter {
  readonly count: number;
  /** False, without effect, if the row does not fit. Always takes the first row. */
  add(row: string): boolean;
  take(): Rows;
}

/**
 * @param between separator of rows
 * @param most maximum UTF-8 bytes per batch
 */
export function createRowWriter(between: string, most: number): RowWriter {
  // preallocate: untouched pages use no memory, while growing leaves garbage
  let bytes = new Uint8Array(most + 2 * margin);
  let end = margin;
  let count = 0;
  /** Appends encoded text; false if it does not fit. */
  const put = (text: string): boolean => {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(end, margin + most));
    if (read === text.length) end += written;
    return read === text.length;
  };
  /** Above the limit the vendor decides. */
  const alone = (row: string): void => {
    const encoded = encoder.encode(row);
    if (encoded.length > bytes.length - 2 * margin) bytes = new Uint8Array(encoded.length + 2 * margin);
    bytes.set(encoded, margin);
    end = margin + encoded.length;
  };
  return {
    get count() {
      return count;
    },
    add(row) {
      const before = end;
      // separately, as joining would copy them
      const fits = (count === 0 || put(between)) && put(row);
      if (!fits) end = before;
      if (!fits && count > 0) return false;
      if (!fits) alone(row);
      count++;
      return true;
    },
    take() {
      const taken = { count, end };
      end = margin;
      count = 0;
      return {
        count: taken.count,
        within(before, after) {
          const [head, tail] = [encoder.encode(before), encoder.encode(after)];
          bytes.set(head, margin - head.length);
          bytes.set(tail, taken.end);
          return bytes.subarray(margin - head.length, taken.end + tail.length);
        },
      };
    },
  };
}
