/** Reading progress in one unit for panel, status bar and lists. */
import type { RunView } from './runView.ts';

/** `percent`: `total` is 100. */
export interface ReadProgress {
  readonly unit: 'lines' | 'files' | 'percent';
  readonly done: number;
  readonly total: number;
}

/** Texts with fewer lines use percent. */
const fewLines = 20;

/** Files for a folder, lines for a text, percent for short texts and batches. */
export function readProgress(view: RunView): ReadProgress {
  const { plan, progress } = view;
  const percent = (share: number): ReadProgress => ({ unit: 'percent', done: Math.round(share * 100), total: 100 });
  if (plan === undefined || plan.chunks.length === 0)
    return percent(progress.mapTotal === 0 ? 0 : Math.min(1, progress.mapDone / progress.mapTotal));
  const isRead = (chunk: number): boolean => view.notes[chunk]?.done === true || view.markdown !== '';
  const files = new Map<string, boolean>();
  let read = 0;
  let all = 0;
  plan.chunks.forEach(({ part, startLine, endLine }, index) => {
    const uri = toFile(plan.parts[part]?.uri ?? String(part));
    files.set(uri, (files.get(uri) ?? true) && isRead(index));
    all += endLine - startLine + 1;
    if (isRead(index)) read += endLine - startLine + 1;
  });
  if (files.size > 1) return { unit: 'files', done: [...files.values()].filter(Boolean).length, total: files.size };
  if (plan.lines < fewLines) return percent(all === 0 ? 0 : read / all);
  return { unit: 'lines', done: Math.round((Math.min(read, all) / all) * plan.lines), total: plan.lines };
}

/** File URI of a part; parts can be notebook cells or selections. */
export function toFile(uri: string): string {
  return uri.replace(/#[^]*$/, '').replace(/^[\w-]+cell:/, 'file:');
}
