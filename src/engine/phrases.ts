/** What the engine itself writes into a summary, beside the model's words. */
import type { Say } from './ports.ts';

export const phrases = {
  nothing: 'The model found nothing worth noting in this text.',
  cut: 'The model’s answer was cut off here and could not be finished.',
  notRead: '**Not read:** {0}.',
  line: 'line {0}',
  lines: 'lines {0}–{1}',
  of: '{0} of {1}',
  more: 'and {0} more',
  notes: 'The summary could not be written ({0}). These are the notes that were taken:',
} as const;

/** English, where the host has no other language. */
export const plainly: Say = (phrase, ...values) =>
  phrase.replace(/\{(\d+)\}/g, (whole, index: string) => String(values[Number(index)] ?? whole));
