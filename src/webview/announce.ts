/** Screen reader announcements: start, phases and end, never streamed text. */
import type { RunView } from '../shared/runView.ts';
import { countWords, type Words } from '../shared/text.ts';
import { describePhase } from './progress.ts';
import { isFinished } from './state.ts';

/** Last announcement and its time in ms. */
export interface Announced {
  readonly phase?: RunView['phase'];
  readonly at: number;
  readonly text: string;
}

/** Before the first announcement. */
export const silent: Announced = { at: Number.NEGATIVE_INFINITY, text: '' };
const everyMs = 5_000;

/** Returns the next status line: at most one change per 5 s, except the end. */
export function announce(before: Announced, view: RunView, nowMs: number, words: Words): Announced {
  if (isFinished(view)) {
    if (before.phase === view.phase) return before;
    return { phase: view.phase, at: nowMs, text: endText(view, words) };
  }
  if (before.phase === undefined || (before.phase !== view.phase && isFinished({ phase: before.phase }))) {
    return { phase: view.phase, at: nowMs, text: words.t('status.start', view.title || words.t('title.untitled')) };
  }
  if (nowMs - before.at < everyMs) return before;
  const text = describePhase(view, words);
  return text === before.text ? before : { phase: view.phase, at: nowMs, text };
}

function endText(view: RunView, words: Words): string {
  if (view.phase === 'done') return words.n('status.ready', countWords(view.markdown, words.locale));
  if (view.phase === 'partial')
    return words.n('status.partial', view.gaps.filter((gap) => gap.reason !== 'budget').length);
  // failures have an alert of their own
  return view.phase === 'failed' ? '' : words.t('phase.cancelled');
}
