/** The panel's page as text, for the terminal and for tests. */
import { readFileSync } from 'node:fs';
import type { Frame } from 'playwright-core';

export interface PanelText {
  /** The summary so far, line by line, with Markdown's signs and citations as `[n]`. */
  readonly text: string;
  /** '' before the run is shown; running while it can be cancelled. */
  readonly phase: '' | 'running' | 'ended';
  /** The sentence of an error that is shown. */
  readonly error?: string;
  /** What a screen reader was told last. */
  readonly status: string;
  /** What the panel says of the run: size, model, time, calls. */
  readonly facts: string;
}

const pageText = readFileSync(new URL('pageText.js', import.meta.url), 'utf8');
const expression = `(${pageText.slice(pageText.indexOf('() =>')).trimEnd().replace(/;$/, '')})()`;

export function readPanel(frame: Frame): Promise<PanelText> {
  return frame.evaluate<PanelText>(expression);
}
