import type { Unit } from '../answer/citations.ts';
import { findRestated } from '../answer/sentenceFilter.ts';
import { hasWords } from '../words.ts';

/** Returns the units that still have points, and those whose text itself is sent. */
export function withoutRepeatedPoints(units: readonly Unit[]): Unit[] {
  const lines = units.map(({ note }) => note.split('\n'));
  const restated = findRestated(lines.flat());
  let at = 0;
  return units
    .map((unit, i) => ({ ...unit, note: lines[i]!.filter(() => !restated[at++]).join('\n') }))
    .filter(({ note }, i) => hasWords(note) || units[i]!.note === '');
}
