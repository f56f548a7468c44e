/** Targets of summaries, as data that can be stored and read again. */
import * as v from 'valibot';

const range = v.object({
  startLine: v.number(),
  startCharacter: v.number(),
  endLine: v.number(),
  endCharacter: v.number(),
});

/** Targets as saved in history. */
export const targetSchema = v.variant('kind', [
  v.object({ kind: v.literal('file'), uri: v.string(), range: v.optional(range) }),
  v.object({ kind: v.literal('selection'), uri: v.string(), ranges: v.array(range) }),
  v.object({
    kind: v.literal('items'),
    uris: v.array(v.string()),
    picked: v.optional(v.array(v.string())),
    confirmedSecrets: v.optional(v.boolean()),
  }),
  v.object({
    kind: v.literal('changes'),
    repository: v.optional(v.string()),
    staged: v.optional(v.boolean()),
    range: v.optional(v.string()),
  }),
  v.object({ kind: v.literal('notebook'), uri: v.string() }),
  v.object({ kind: v.literal('diffEditor'), original: v.string(), modified: v.string() }),
  v.object({ kind: v.literal('clipboard') }),
  v.object({ kind: v.literal('terminal') }),
  v.object({ kind: v.literal('text') }),
]);

/** `clipboard`, `terminal` and `text` cannot be read again after a reload. */
export type SummaryTarget = v.InferOutput<typeof targetSchema>;
/** Lines and characters from 0. */
export type TargetRange = v.InferOutput<typeof range>;

/** Key by which panels and summaries are found again. */
export function toTargetKey(target: SummaryTarget): string {
  switch (target.kind) {
    case 'file':
      return target.range ? `${target.uri}#${toRangeKey(target.range)}` : target.uri;
    case 'notebook':
      return target.uri;
    case 'selection':
      return `${target.uri}#${target.ranges.map(toRangeKey).join(',')}`;
    case 'items':
      return target.uris.join('|');
    case 'changes':
      return `changes:${target.repository ?? ''}:${target.range ?? (target.staged ? 'staged' : '')}`;
    case 'diffEditor':
      return `diff:${target.original}|${target.modified}`;
    default:
      return target.kind;
  }
}

function toRangeKey(r: TargetRange): string {
  return `${r.startLine}:${r.startCharacter}-${r.endLine}:${r.endCharacter}`;
}

/** Returns the summarized document, if the target is one. */
export function toTargetUri(target: SummaryTarget): string | undefined {
  return target.kind === 'file' || target.kind === 'selection' || target.kind === 'notebook' ? target.uri : undefined;
}
