/** Drops points of notes that an earlier note says already. */
import type { Unit } from '../answer/citations.ts';
import { findRestated } from '../answer/sentenceFilter.ts';

/** As many units as before; a note may become ''. */
export function withoutRepeatedPoints(units: readonly Unit[]): Unit[] {
  const lines = units.map(({ note }) => note.split('\n'));
  const restated = findRestated(lines.flat());
  let at = 0;
  return units.map((unit, i) => ({ ...unit, note: lines[i]!.filter(() => !restated[at++]).join('\n') }));
}
