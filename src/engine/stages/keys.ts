/** Cache keys: a hash over everything that affects an answer. */
import { createAsk, createModelKey, nameChunk, type RunContext } from './context.ts';
import type { ModelCall } from '../model.ts';
import type { Hash } from '../ports.ts';
import { findSmallSize } from '../prompts/modelSize.ts';
import { promptVersion, writeSettings } from '../prompts/prompts.ts';
import { shapes } from '../prompts/summaryGuidance.ts';
import type { Chunk } from '../source.ts';

/** Parts of a run that a note's key depends on. */
export type NoteContext = Pick<RunContext, 'options' | 'ports' | 'parts' | 'cache'> &
  Partial<Pick<RunContext, 'mapLimits'>>;
/** A chunk, numbered or not. */
export type NoteChunk = Omit<Chunk, 'index'>;

/** Words of a note; fixed in keys, so that packing can vary. */
export const wordsAlone = 90;

/** Key of a note; independent of file name, lines and neighbours. */
export function noteKey(context: NoteContext, chunk: NoteChunk, text = nameChunk(chunk).text): string {
  const { hash, mapModel } = context.ports;
  const ask = writeSettings(createAsk(context, wordsAlone, shapes[context.parts[chunk.part]!.kind]));
  const form = findSmallSize(mapModel.model, context.mapLimits) ? 'map-plain' : 'map';
  return hash(JSON.stringify([promptVersion, form, createModelKey(mapModel), ask, chunk.context, text]));
}

/** Key of a merge: its prompt, and the effort if it is not `low`. */
export function mergeKey({ ports }: Pick<RunContext, 'ports'>, { stage, system, user, effort }: ModelCall): string {
  const set = effort === 'low' || stage === 'collapse' ? [] : [effort];
  return ports.hash(JSON.stringify([promptVersion, stage, createModelKey(ports.model), system, user, ...set]));
}

/** 40 hex digits from the note keys. */
export function createRowId(hash: Hash, keys: readonly string[]): string {
  return (keys.length === 1 ? keys[0]! : hash(JSON.stringify(keys))).slice(0, 40);
}
