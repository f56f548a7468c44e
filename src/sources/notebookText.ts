/** What a notebook's cell printed, as text. Pure. */
export interface OutputItem {
  readonly mime: string;
  readonly data: Uint8Array;
}

const readable = [
  'application/vnd.code.notebook.stdout',
  'application/vnd.code.notebook.stderr',
  'application/vnd.code.notebook.error',
  'text/plain',
  'text/markdown',
  'text/latex',
  'application/json',
  'text/html',
];

/** Of the forms that one output has, the most readable one; of a picture alone only its kind. '' where nothing was printed. */
export function outputText(outputs: readonly (readonly OutputItem[])[]): string {
  return outputs
    .map(oneOutput)
    .filter((text) => /\S/.test(text))
    .join('\n');
}

function oneOutput(items: readonly OutputItem[]): string {
  for (const mime of readable) {
    const item = items.find((candidate) => candidate.mime === mime);
    if (item) return clean(mime, new TextDecoder().decode(item.data));
  }
  const picture = items.find((item) => /^(?:image|audio|video)\//.test(item.mime));
  return picture ? `(${picture.mime})` : '';
}

function clean(mime: string, text: string): string {
  if (mime.endsWith('.error')) return errorText(text);
  if (mime === 'text/html')
    return text
      .replace(/<(?:script|style)[\s\S]*?(?:<\/(?:script|style)>|$)/gi, '')
      .replace(/<[^<>]{0,2000}>/g, ' ')
      .replace(/[ \t]{2,}/g, ' ');
  // a progress bar writes over its own line: the last state is what a person saw
  return text.replace(/^.*\r(?!\n)/gm, '');
}

function errorText(json: string): string {
  try {
    const { name, message, stack } = JSON.parse(json) as { name?: string; message?: string; stack?: string };
    return [`${name ?? 'Error'}: ${message ?? ''}`, stack ?? ''].filter(Boolean).join('\n');
  } catch {
    return json;
  }
}

/** Small outputs of a notebook that an extension made come through JSON: as `{ type: 'Buffer', data: [52, 50] }`. */
export function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const { data: numbers, buffer } = (data ?? {}) as { readonly data?: unknown; readonly buffer?: unknown };
  if (Array.isArray(numbers)) return Uint8Array.from(numbers as number[]);
  return buffer instanceof Uint8Array ? buffer : new Uint8Array();
}
