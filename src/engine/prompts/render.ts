/** Renders requests. Everything in a prompt passes here, so its hash is a valid cache key. */
import type { Fence } from '../ports.ts';
import { collapseRules, mapRules, reduceRules, writeSettings, type Ask } from './prompts.ts';
import type { Stage } from '../model.ts';

/** Part named `[n]`: the text or note of a chunk. */
export interface NamedPart {
  readonly text: string;
  /** Heading path, symbol or file; '' if none. */
  readonly context: string;
}

/** A prompt. */
export interface Rendered {
  readonly system: string;
  readonly user: string;
  /** Another request may reuse the fenced text. */
  readonly textLength: number;
  /** Fence, also used as stop sequence. */
  readonly stop: string;
}

const rules: Readonly<Record<Stage, string>> = {
  map: mapRules,
  collapse: collapseRules,
  reduce: reduceRules,
  ask: reduceRules,
};

/** A line of the text that looks like a label; gets a backslash. */
const nameLine = /^([ \t]*)\[(\d+)\]([ \t]*\r?)$/gm;

/** Renders a stage's request. */
export function render(stage: Stage, parts: readonly NamedPart[], ask: Ask, fence: Fence): Rendered {
  const pieces: string[] = [];
  let before = '';
  parts.forEach((part, i) => {
    pieces.push(`[${i + 1}]\n`);
    if (part.context && part.context !== before) pieces.push(`(${part.context})\n`);
    before = part.context;
    const text = part.text.includes('[') ? part.text.replace(nameLine, '$1\\[$2]$3') : part.text;
    pieces.push(text.endsWith('\n') ? text : text + '\n');
  });
  const body = pieces.join('');
  const mark = fence(body);
  const text = `${mark}\n${body}${mark}\n`;
  return { system: rules[stage], user: text + writeSettings(ask), textLength: text.length, stop: mark };
}
