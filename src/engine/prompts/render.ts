/** Requests as text. Everything that reaches a prompt passes here, so that a key can be the hash of what is rendered. */
import type { Fence } from '../ports.ts';
import { askRules, collapseRules, mapRules, reduceRules, settingsOf, type Ask } from './prompts.ts';
import type { Stage } from '../model.ts';

/** What is named `[n]` in a request: a chunk with its text, or its note. */
export interface NamedPart {
  readonly text: string;
  /** Heading path, enclosing symbol or file; '' where there is none. */
  readonly context: string;
}

export interface Rendered {
  readonly system: string;
  readonly user: string;
  /** How much of `user` is the fenced text, which may come back with another ask. */
  readonly textLength: number;
  /** The fence, which no honest answer holds: it serves as the end mark too. */
  readonly stop: string;
}

const rules: Readonly<Record<Stage, string>> = {
  map: mapRules,
  collapse: collapseRules,
  reduce: reduceRules,
  ask: askRules,
};

/** A line that looks like a name of ours is the text's own: a backslash tells them apart. */
const nameLine = /^([ \t]*)\[(\d+)\]([ \t]*\r?)$/gm;

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
  return { system: rules[stage], user: text + settingsOf(ask), textLength: text.length, stop: mark };
}
