/** Reads a template's file: front matter, then instructions for the model. */
import { FAILSAFE_SCHEMA, load } from 'js-yaml';
import * as v from 'valibot';
import type { Kind } from '../../engine/source.ts';
import { templateId, type Template } from './template.ts';

type TemplateProblem = 'empty' | 'too-long' | 'front-matter';

/** Maximum characters of a template's file. */
export const maxTemplateLength = 16_000;
const maxName = 60;
const maxDescription = 200;
const maxInstructions = 8_000;

const kinds = [
  'code',
  'log',
  'table',
  'json',
  'diff',
  'markdown',
  'prose',
  'transcript',
  'legal',
  'config',
] as const satisfies readonly Kind[];
const text = v.pipe(v.string(), v.trim());
const list = v.union([
  v.array(text),
  v.pipe(
    text,
    v.transform((line) => line.split(/[,\s]+/)),
  ),
]);
/** Other keys are dropped. */
const frontMatterSchema = v.object({
  name: v.optional(text),
  description: v.optional(text),
  length: v.optional(v.pipe(text, v.toLowerCase(), v.picklist(['brief', 'standard', 'detailed']))),
  kinds: v.optional(
    v.pipe(
      list,
      v.filterItems((kind) => kind !== ''),
      v.array(v.picklist(kinds)),
    ),
  ),
});

/** @param fileName such as `release-notes.md` */
export function parseTemplate(fileName: string, content: string): Template | TemplateProblem {
  if (content.length > maxTemplateLength) return 'too-long';
  const { head, body } = splitFrontMatter(content.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n'));
  const front = readFrontMatter(head);
  if (front === undefined) return 'front-matter';
  const instructions = body.trim();
  if (instructions === '') return 'empty';
  if (instructions.length > maxInstructions) return 'too-long';
  const id = templateId(fileName);
  return {
    id,
    name: oneLine(front.name || id).slice(0, maxName),
    description: oneLine(front.description ?? '').slice(0, maxDescription),
    ...(front.length ? { length: front.length } : {}),
    kinds: front.kinds ?? [],
    instructions,
  };
}

function splitFrontMatter(content: string): { readonly head: string; readonly body: string } {
  if (!content.startsWith('---\n')) return { head: '', body: content };
  const end = content.indexOf('\n---', 3);
  if (end < 0) return { head: '', body: content };
  const after = content.indexOf('\n', end + 1);
  return { head: content.slice(4, end + 1), body: after < 0 ? '' : content.slice(after + 1) };
}

/** Parses strings, lists and maps only; undefined if invalid. */
function readFrontMatter(head: string): v.InferOutput<typeof frontMatterSchema> | undefined {
  if (head.trim() === '') return {};
  try {
    const parsed = v.safeParse(frontMatterSchema, load(head, { schema: FAILSAFE_SCHEMA }));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

function oneLine(value: string): string {
  return value.replace(/\s+/g, ' ').trim();
}
