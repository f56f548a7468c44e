/** What a provider is to the rest of Précis: one file that exports a `ProviderDefinition`, one line in `index.ts`. */
import type { ChatModel, ModelLimits } from '../engine/model.ts';
import type { ProviderId } from '../contributions.ts';

/** What an adapter is made from. It reads no settings, no secrets, no environment. */
export interface ProviderConfig {
  readonly baseUrl: string;
  /** '' where a server needs none. Never logged, never in an error. */
  readonly apiKey: string;
  readonly model: string;
  /** Headers of each request besides those of the wire; `${key}` in a value stands for the key, an empty value removes one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The setting `precis.contextWindow`; 0: known or asked. */
  readonly contextWindow: number;
  /** The setting `precis.serviceTier`; only providers that have the tier send it. */
  readonly serviceTier?: 'flex';
  /** VS Code's patched fetch: proxies and company certificates work through it. Adapters always add `redirect: 'manual'`. */
  readonly fetch: typeof globalThis.fetch;
  /** Hash of provider, host and key: the scheduler's account. */
  readonly account: string;
  /** What an endpoint refused or taught before, shared by all adapters of the window and kept between runs. */
  readonly memory: ProviderMemory;
  readonly log?: (line: string) => void;
}

/** Remembered for an endpoint and model: refused parameters, true window, token factor. JSON values. */
export interface ProviderMemory {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

export interface ModelInfo {
  readonly id: string;
  readonly label?: string;
  readonly limits?: Partial<ModelLimits>;
}

export interface ProviderDefinition {
  readonly id: ProviderId;
  readonly label: string;
  /** Prefix of its settings: `precis.<settings>.model`; undefined where it has none. */
  readonly settings?: 'openai' | 'anthropic' | 'openaiCompatible';
  readonly defaultBaseUrl?: string;
  readonly needsKey: boolean;
  /** Environment variable that serves when no key is stored. */
  readonly keyVariable?: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY';
  create(config: ProviderConfig): Promise<ChatModel>;
  /** Id of the model that reads for `config.model`, where the provider's ids need a rule of their own. @param wanted as in `mapModel` */
  reader?(config: ProviderConfig, wanted: string): Promise<string>;
  /** The models that the account offers. Throws `ModelError`. */
  listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** A free call that tells whether the key is good. Throws `ModelError`. */
  checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void>;
}
