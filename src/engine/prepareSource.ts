/** All parts of a source, prepared and numbered through: the chunks of a run. */
import type { RunEvent } from './events.ts';
import type { RunPorts } from './request.ts';
import { foldRepeats } from './repeats.ts';
import type { Chunk, PreparedPart, Source } from './source.ts';

/** Parts that are prepared at the same time. */
const atOnce = 4;
/** The boundary between two parts is stronger than any within one. */
const partPriority = 4 * 2 ** 32;

/** @param repeats whether what stands in several files of a folder is told again in each, as for a reading that costs nothing */
export async function prepareSource(
  source: Source,
  ports: Pick<RunPorts, 'prepare' | 'signal' | 'yield'>,
  emit: (event: RunEvent) => void,
  repeats: 'once' | 'each' = 'once',
): Promise<{ parts: PreparedPart[]; chunks: Chunk[] }> {
  const read = await prepareParts(source, ports, emit);
  const parts = repeats === 'once' ? await foldRepeats(source, read, ports.yield) : read;
  const chunks: Chunk[] = [];
  for (const [part, prepared] of parts.entries()) {
    for (const [i, draft] of prepared.chunks.entries()) {
      chunks.push({
        ...draft,
        part,
        index: chunks.length,
        priority: i === 0 && part > 0 ? partPriority + draft.priority : draft.priority,
      });
    }
  }
  return { parts, chunks };
}

async function prepareParts(
  source: Source,
  ports: Pick<RunPorts, 'prepare' | 'signal' | 'yield'>,
  emit: (event: RunEvent) => void,
): Promise<PreparedPart[]> {
  const parts: PreparedPart[] = new Array<PreparedPart>(source.parts.length);
  const sizes = source.parts.map((part) => (typeof part.text === 'string' ? part.text.length : part.bytes));
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const read = new Array<number>(source.parts.length).fill(0);
  let told = 0;
  const progress = (part: number, length: number): void => {
    read[part] = length;
    const sum = read.reduce((a, b) => a + b, 0);
    if (sum - told < 1_000_000) return;
    told = sum;
    emit({ type: 'read', length: sum, ...(total === undefined ? {} : { total }) });
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < source.parts.length; i = next++) {
      parts[i] = await ports.prepare(source.parts[i]!, ports.signal, (length) => progress(i, length));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, source.parts.length) }, work));
  const secrets = parts.reduce((sum, part) => sum + part.masked, 0);
  const invisible = parts.reduce((sum, part) => sum + part.invisible, 0);
  if (secrets || invisible) emit({ type: 'masked', secrets, invisible });
  return parts;
}
