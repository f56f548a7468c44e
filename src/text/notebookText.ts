/** A cell's output as text. */
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

/** Returns the most readable form; for a picture its type; '' if none. */
export function readOutputs(outputs: readonly (readonly OutputItem[])[]): string {
  return outputs
    .map(readOutput)
    .filter((text) => /\S/.test(text))
    .join('\n');
}

function readOutput(items: readonly OutputItem[]): string {
  const picture = items.find((item) => /^(?:image|audio|video)\//.test(item.mime));
  for (const mime of readable) {
    const item = items.find((candidate) => candidate.mime === mime);
    if (!item) continue;
    const text = clean(mime, new TextDecoder().decode(item.data));
    // such as `<Figure size 640x480 with 1 Axes>`
    return picture && /^<[^<>\n]{0,200}>\s*$/.test(text) ? `(${picture.mime}) ${text}` : text;
  }
  return picture ? `(${picture.mime})` : '';
}

function clean(mime: string, text: string): string {
  if (mime.endsWith('.error')) return formatError(text);
  if (mime === 'text/html')
    return text
      .replace(/<(?:script|style)[\s\S]*?(?:<\/(?:script|style)>|$)/gi, '')
      .replace(/<[^<>]{0,2000}>/g, ' ')
      .replace(/[ \t]{2,}/g, ' ');
  return keepLastStates(text);
}

/**
 * Keeps the last state of a progress bar. VS Code ends each state (`10%\r 20%\r `), so its lines differ only in figures and
 * bars.
 */
export function keepLastStates(text: string): string {
  const lines = text.replace(/^.*\r(?!\n)/gm, '').split('\n');
  return lines
    .filter((line, i) => !line.endsWith('\r') || i + 1 === lines.length || toForm(line) !== toForm(lines[i + 1]!))
    .join('\n')
    .replaceAll('\r', '');
}

const toForm = (line: string): string =>
  line.replace(/[\d.,:?%/|#=>\s\u2580-\u259f\u2500-\u257f-]+|\b(?:[kMG]?B|it|s|ms)\b/g, '');

function formatError(json: string): string {
  try {
    const { name, message, stack } = JSON.parse(json) as { name?: string; message?: string; stack?: string };
    return [`${name ?? 'Error'}: ${message ?? ''}`, stack ?? ''].filter(Boolean).join('\n');
  } catch {
    return json;
  }
}

/** Another extension's bytes arrive as JSON: `{ type: 'Buffer', data: [52, 50] }`. */
export function toBytes(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const { data: numbers, buffer } = (data ?? {}) as { readonly data?: unknown; readonly buffer?: unknown };
  if (Array.isArray(numbers)) return Uint8Array.from(numbers as number[]);
  return buffer instanceof Uint8Array ? buffer : new Uint8Array();
}
