/** Provider without a model: the run layer summarizes. Listed so that users can choose it. */
import { ModelError } from '../engine/model.ts';
import type { ProviderDefinition } from './provider.ts';

/** Has no models: `create` rejects with `no-model`. */
export const offline: ProviderDefinition = {
  label: 'Offline (no model, nothing leaves this machine)',
  needsKey: false,
  create: () => Promise.reject(new ModelError({ kind: 'no-model', code: 'offline' })),
  listModels: () => Promise.resolve([]),
  checkKey: () => Promise.resolve(),
};
