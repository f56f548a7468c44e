/** Keys of answers: a hash over everything that can change an answer, and nothing else. */
import { askOf, modelKey, namedChunk, type RunContext } from './context.ts';
import type { ModelCall } from '../model.ts';
import type { Hash } from '../ports.ts';
import { smallSize } from '../prompts/modelSize.ts';
import { promptVersion, settingsOf } from '../prompts/prompts.ts';
import { shapes } from '../prompts/summaryGuidance.ts';
import type { Chunk } from '../source.ts';

/** What a note's key is made of. */
export type NoteContext = Pick<RunContext, 'options' | 'ports' | 'parts' | 'cache'> &
  Partial<Pick<RunContext, 'mapLimits'>>;
export type NoteChunk = Omit<Chunk, 'index'>;

/** Of a chunk alone, so that the plan may pack as it likes. Part of every note's key. */
export const wordsAlone = 90;

/** Of a chunk's note, as it is rendered alone: no file name, no line, no neighbour. */
export function noteKey(context: NoteContext, chunk: NoteChunk, text = namedChunk(chunk).text): string {
  const { hash, mapModel } = context.ports;
  const ask = settingsOf(askOf(context, wordsAlone, shapes[context.parts[chunk.part]!.kind]));
  const form = smallSize(mapModel.model, context.mapLimits) ? 'map-plain' : 'map';
  return hash(JSON.stringify([promptVersion, form, modelKey(mapModel), ask, chunk.context, text]));
}

/** Of a merge's answer, made of its prompt, in which everything is that reaches the model, and of an effort that was set. */
export function mergeKey({ ports }: Pick<RunContext, 'ports'>, { stage, system, user, effort }: ModelCall): string {
  const set = effort === 'low' || stage === 'collapse' ? [] : [effort];
  return ports.hash(JSON.stringify([promptVersion, stage, modelKey(ports.model), system, user, ...set]));
}

/** Of a row of a batch, 40 hex digits, from the keys of its answers: the same text is the same row. */
export function rowId(hash: Hash, keys: readonly string[]): string {
  return (keys.length === 1 ? keys[0]! : hash(JSON.stringify(keys))).slice(0, 40);
}
