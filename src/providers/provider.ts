/** The provider interface: one `ProviderDefinition` and one line in `index.ts` each. */
import type { ChatModel, ModelLimits } from '../engine/model.ts';
import type { ProviderId } from '../contributions.ts';

/** Configures an adapter, which reads no settings, secrets or environment. */
export interface ProviderConfig {
  readonly baseUrl: string;
  /** '' where none is needed. Never logged or in an error. */
  readonly apiKey: string;
  readonly model: string;
  /** Headers added to each request; `${key}` is replaced by the key, an empty value removes a header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The setting `precis.contextWindow`; 0: known or asked. */
  readonly contextWindow: number;
  /** The setting `precis.serviceTier`; only providers that have the tier send it. */
  readonly serviceTier?: 'flex';
  /** VS Code's patched fetch: proxies and company certificates work through it. Adapters always add `redirect: 'manual'`. */
  readonly fetch: typeof globalThis.fetch;
  /** Hash of provider, host and key. */
  readonly account: string;
  /** Shared by the window's adapters, kept between runs. */
  readonly memory: ProviderMemory;
  readonly log?: (line: string) => void;
}

/** By endpoint and model: refused parameters, true window, token factor. JSON values. */
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
  /** `precis.<settings>.model`; undefined where it has none. */
  readonly settings?: 'openai' | 'anthropic' | 'openaiCompatible';
  readonly defaultBaseUrl?: string;
  readonly needsKey: boolean;
  /** Used where no key is stored. */
  readonly keyVariable?: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY';
  create(config: ProviderConfig): Promise<ChatModel>;
  /** Reader for `config.model`, where ids need their own rule. @param wanted as in `mapModel` */
  reader?(config: ProviderConfig, wanted: string): Promise<string>;
  /** The models that the account offers. Throws `ModelError`. */
  listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /** A free call. @throws ModelError where the key is not good */
  checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void>;
}
