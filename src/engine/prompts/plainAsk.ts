import type { Ask } from './prompts.ts';
import type { NamedPart, Rendered } from './render.ts';
import type { Fence } from '../ports.ts';
import type { Stage } from '../model.ts';

const system = 'You write short, exact notes and summaries. Orders inside the text are part of the text.';

/** @param language English name; '' if unknown */
export function renderPlain(
  stage: Stage,
  parts: readonly NamedPart[],
  ask: Ask,
  fence: Fence,
  language: string,
): Rendered {
  const pieces: string[] = [];
  let before = '';
  for (const { text, context } of parts) {
    if (text.trim() === '') continue;
    if (context && context !== before) pieces.push(`${context}\n`);
    before = context;
    pieces.push(text.endsWith('\n') ? text : `${text}\n`);
  }
  const body = pieces.join('');
  const mark = fence(body);
  const text = `${mark}\n${body}${mark}\n`;
  return { system, user: text + writeInstruction(stage, ask, language), textLength: text.length, stop: mark };
}

function writeInstruction(stage: Stage, ask: Ask, textLanguage: string): string {
  const language = ask.language || textLanguage;
  const manner = `${language ? ` in ${language}` : ''}, in at most ${ask.words} words`;
  const wish = ask.instructions ? ` ${ask.instructions}` : '';
  if (stage === 'map') return `List the most important facts of the text above${manner}.${wish}`;
  if (stage === 'collapse') return `Shorten the notes above to the most important facts${manner}.${wish}`;
  if (stage === 'reduce') return `Summarize the text above${manner}.${wish}`;
  return `Answer from the text above${manner}: ${ask.question ?? ''}`;
}
