/** Keeps nothing and writes nothing; what is being produced is still produced only once. */
import type { AnswerCache, Claim } from '../engine/ports.ts';
import { createFlights, orAborted } from './inFlight.ts';
import { idOf } from './record.ts';

export function createNoCache(): AnswerCache {
  const flights = createFlights();
  const claimOne = (id: string): Claim => {
    const flown = flights.get(id);
    if (flown) return { state: 'theirs', wait: (signal) => orAborted(flown.answer, signal) };
    const flight = flights.start(id);
    return { state: 'ours', settle: (value) => Promise.resolve(flight.land(value)) };
  };
  return {
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    claim: (namespace, keys) => Promise.resolve(keys.map((key) => claimOne(idOf(namespace, key)))),
  };
}
