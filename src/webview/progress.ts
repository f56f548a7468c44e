import type { RunView } from '../shared/runView.ts';
import type { Words } from '../shared/text.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h, setAttribute, setText, createToggle } from './dom.ts';
import { readProgress } from '../shared/readProgress.ts';
import { computeShare, estimateRemainingMs } from '../shared/remainingTime.ts';
import { isFinished } from './state.ts';

/** Input of the progress line. */
interface ProgressState {
  readonly view: RunView;
  readonly elapsedMs: number;
  /** Waits for the user. */
  readonly asking?: boolean | undefined;
}

/** Creates progress bar and line. */
export function createProgress({ words, send }: PageContext): Part<ProgressState> {
  const fill = h('div', { class: 'bar-fill' });
  const bar = h(
    'div',
    {
      class: 'bar',
      role: 'progressbar',
      'aria-valuemin': 0,
      'aria-valuemax': 100,
      'aria-label': words.t('progress.label'),
    },
    fill,
  );
  const phase = h('span', { class: 'phase' });
  const time = h('span', { class: 'time' });
  const cancel = createButton(words.t('action.cancel'), () => send({ type: 'cancel' }), {
    class: 'secondary small',
    'data-action': 'cancel',
  });
  const line = h('div', { class: 'progress-line' }, h('span', { class: 'progress-text' }, phase, time), cancel);
  const element = h('div', { class: 'progress' }, bar, line);
  return {
    element,
    update({ view, elapsedMs, asking = false }) {
      createToggle(element, !isFinished(view));
      if (isFinished(view)) return;
      const share = asking ? 0 : computeShare(view);
      fill.style.transform = `scaleX(${share ?? 0})`;
      bar.classList.toggle('unknown', share === undefined);
      setAttribute(bar, 'aria-valuenow', share === undefined ? undefined : Math.round(share * 100));
      setText(phase, describePhase(view, words, asking));
      setText(time, asking ? '' : describeTime(view, elapsedMs, share, words));
    },
  };
}

/** Describes the current phase. */
export function describePhase(view: RunView, words: Words, asking = false): string {
  if (asking) return words.t('phase.answer');
  const { phase, readLength, readTotal } = view;
  switch (phase) {
    case 'reading':
      return readTotal && readLength > 0
        ? words.t('phase.reading.share', words.percent(Math.min(1, readLength / readTotal)))
        : words.t('phase.reading');
    case 'mapping':
    case 'collapsing': {
      const { unit, done, total } = readProgress(view);
      if (done >= total && phase === 'collapsing') return words.t('phase.collapsing');
      if (unit === 'percent') return words.t('phase.percent', words.percent(done / 100));
      return words.n(`phase.${unit}`, total, words.number(done), words.number(total));
    }
    default:
      return words.t(`phase.${phase}`);
  }
}

function describeTime(view: RunView, elapsedMs: number, share: number | undefined, words: Words): string {
  if (elapsedMs < 1_000) return '';
  const elapsed = words.t('progress.elapsed', words.duration(elapsedMs));
  if (view.estimate !== undefined && view.estimate.seconds > 0 && elapsedMs > view.estimate.seconds * 1_500 + 5_000)
    return `${elapsed}, ${words.t('progress.longer')}`;
  const left = estimateRemainingMs(view, elapsedMs, share);
  return left === undefined ? elapsed : `${elapsed}, ${words.t('progress.remaining', words.duration(rounded(left)))}`;
}

/** Rounds to 5 s below a minute, 30 s below ten, else minutes: estimates are no finer. */
function rounded(ms: number): number {
  const step = ms < 60_000 ? 5_000 : ms < 600_000 ? 30_000 : 60_000;
  return Math.max(step, Math.round(ms / step) * step);
}
