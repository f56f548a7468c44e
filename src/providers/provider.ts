/** The provider interface: each provider is one `ProviderDefinition` and one line in `index.ts`. */
import type { ChatModel, ModelLimits } from '../engine/model.ts';

/** Configures an adapter, which reads no settings, secrets or environment. */
export interface ProviderConfig {
  readonly baseUrl: string;
  /** '' if none is needed. Never in a log or error. */
  readonly apiKey: string;
  readonly model: string;
  /** Headers added to each request; `${key}` is replaced by the key, an empty value removes a header. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The setting `precis.contextWindow`; 0 to use the known or reported window. */
  readonly contextWindow: number;
  /** The setting `precis.serviceTier`; only providers that have the tier send it. */
  readonly serviceTier?: 'flex';
  /** VS Code's patched fetch, which supports proxies and company certificates. Adapters always add `redirect: 'manual'`. */
  readonly fetch: typeof globalThis.fetch;
  /** Hash of provider, host and key. */
  readonly account: string;
  /** Shared by the window's adapters, kept between runs. */
  readonly memory: ProviderMemory;
  readonly log?: (line: string) => void;
}

/** What was learned by endpoint and model: refused parameters, window, token factor. JSON values. */
export interface ProviderMemory {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** A model of a list. */
export interface ModelInfo {
  readonly id: string;
  readonly label?: string;
  readonly limits?: Partial<ModelLimits>;
}

/** A provider of the table in `index.ts`. */
export interface ProviderDefinition {
  readonly label: string;
  /** Address of the provider's own server; undefined if it has none. */
  readonly defaultBaseUrl?: string;
  readonly needsKey: boolean;
  create(config: ProviderConfig): Promise<ChatModel>;
  /**
   * Finds the reader for `config.model`, if ids need a rule of their own.
   * @param wanted as in `mapModel`
   */
  reader?(config: ProviderConfig, wanted: string): Promise<string>;
  /**
   * Lists the models that the account offers.
   * @throws ModelError
   */
  listModels(config: ProviderConfig, signal: AbortSignal): Promise<readonly ModelInfo[]>;
  /**
   * Checks the key with a request that costs nothing.
   * @throws ModelError if the key is not accepted
   */
  checkKey(config: ProviderConfig, signal: AbortSignal): Promise<void>;
}

/** The first model that writes text, for local servers, which have few; undefined for an empty list. */
export const chooseFirstWriter = (models: readonly ModelInfo[]): ModelInfo | undefined =>
  models.find(({ id }) => !/embed|rerank|whisper|tts|image/i.test(id)) ?? models[0];
