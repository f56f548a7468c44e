/** What was pointed at, as data: enough to read it again for Run again, Update, Resume and the history. */
import * as v from 'valibot';

const range = v.object({
  startLine: v.number(),
  startCharacter: v.number(),
  endLine: v.number(),
  endCharacter: v.number(),
});

export const recipeSchema = v.variant('kind', [
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

/** `clipboard`, `terminal` and `text` cannot be read again after the window closed. */
export type Recipe = v.InferOutput<typeof recipeSchema>;
export type RecipeRange = v.InferOutput<typeof range>;

/** Panels and summaries are found again by it. */
export function recipeKey(recipe: Recipe): string {
  switch (recipe.kind) {
    case 'file':
      return recipe.range ? `${recipe.uri}#${rangeKey(recipe.range)}` : recipe.uri;
    case 'notebook':
      return recipe.uri;
    case 'selection':
      return `${recipe.uri}#${recipe.ranges.map(rangeKey).join(',')}`;
    case 'items':
      return recipe.uris.join('|');
    case 'changes':
      return `changes:${recipe.repository ?? ''}:${recipe.range ?? (recipe.staged ? 'staged' : '')}`;
    case 'diffEditor':
      return `diff:${recipe.original}|${recipe.modified}`;
    default:
      return recipe.kind;
  }
}

function rangeKey(r: RecipeRange): string {
  return `${r.startLine}:${r.startCharacter}-${r.endLine}:${r.endCharacter}`;
}

/** The document that the summary is of, where it is of one. */
export function recipeUri(recipe: Recipe): string | undefined {
  return recipe.kind === 'file' || recipe.kind === 'selection' || recipe.kind === 'notebook' ? recipe.uri : undefined;
}
