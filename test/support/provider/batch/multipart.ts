/** The parts of a `multipart/form-data` body, without copying the file's bytes. */
export interface FormPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: Buffer;
}

export function formParts(contentType: string, body: Buffer): FormPart[] {
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return [];
  const parts: FormPart[] = [];
  let at = body.indexOf(`--${mark}`);
  while (at >= 0) {
    const start = at + mark.length + 4;
    const end = body.indexOf(`\r\n--${mark}`, start - 2);
    if (end < 0) break;
    const headEnd = body.indexOf('\r\n\r\n', start);
    if (headEnd >= 0 && headEnd <= end)
      parts.push(partOf(body.subarray(start, headEnd).toString('utf8'), body.subarray(headEnd + 4, end)));
    at = end + 2;
  }
  return parts;
}

function partOf(head: string, content: Buffer): FormPart {
  return { name: /\bname="([^"]*)"/.exec(head)?.[1] ?? '', filename: /\bfilename="([^"]*)"/.exec(head)?.[1], content };
}

/** Lines of a buffer, one at a time; empty ones are left out. */
export function* linesOf(content: Buffer): Generator<{ readonly number: number; readonly text: string }> {
  let number = 0;
  for (let from = 0; from < content.length;) {
    const next = content.indexOf(10, from);
    const end = next < 0 ? content.length : next;
    number++;
    const text = content.subarray(from, end).toString('utf8').trim();
    if (text !== '') yield { number, text };
    from = end + 1;
  }
}
