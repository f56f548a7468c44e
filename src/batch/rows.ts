/** Collects rows of a batch as bytes in one preallocated array, so that their text is in memory once. */

/** Room for what a vendor puts around the rows. */
const margin = 4_096;
const encoder = new TextEncoder();

/** Rows with what stands between them; valid until the writer goes on. */
export interface Rows {
  readonly count: number;
  /** With this before and that after them, not copied. */
  within(before: string, after: string): Uint8Array;
}

export interface RowWriter {
  readonly count: number;
  /** False, and nothing happens, where there would be more bytes than fit. The first row is always taken. */
  add(row: string): boolean;
  /** What was added; the next row begins anew. */
  take(): Rows;
}

/**
 * @param between stands between two rows
 * @param most UTF-8 bytes of the rows of one batch
 */
export function rowWriter(between: string, most: number): RowWriter {
  // all at once: what is not written to takes no memory, and growing would leave every smaller one behind
  let bytes = new Uint8Array(most + 2 * margin);
  let end = margin;
  let count = 0;
  /** Encodes at the end; false where it does not fit. */
  const put = (text: string): boolean => {
    const { read, written } = encoder.encodeInto(text, bytes.subarray(end, margin + most));
    if (read === text.length) end += written;
    return read === text.length;
  };
  /** One row that is larger than a batch may be: the vendor has its own word on it. */
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
      // one after the other: joined they would be copied
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
