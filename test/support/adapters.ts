/** Every adapter that speaks HTTP, as the conformance suite wants to know it. */
import type { ProviderId } from '../../src/contributions.ts';
import { loadProvider } from '../../src/providers/index.ts';
import type { ProviderConfig } from '../../src/providers/provider.ts';
import type { Conforming } from './conformance.ts';

const make = (id: ProviderId) => async (config: ProviderConfig) => (await loadProvider(id, {})).create(config);

/** Ollama tells that a model thinks, which the simulated one leaves out. */
const thinking: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!(typeof input === 'string' && input.endsWith('/api/show'))) {
    return response;
  }
  return Response.json({ ...((await response.json()) as object), capabilities: ['completion', 'thinking'] });
};

const common = {
  takesStop: true,
  events: true,
  rateHeaders: true,
  refuses: true,
  filters: true,
  paid: true,
} satisfies Partial<Conforming>;

export const adapters: Readonly<Record<string, Conforming>> = {
  openai: {
    ...common,
    server: { flavour: 'openai' },
    make: make('openai'),
    baseUrl: ({ url }) => `${url}/v1`,
    model: 'gpt-6.1-terra',
    droppable: 'reasoning',
    takesStop: false,
  },
  anthropic: {
    ...common,
    server: { flavour: 'anthropic' },
    make: make('anthropic'),
    baseUrl: ({ url }) => url,
    model: 'claude-sonnet-5-5',
    droppable: 'stop_sequences',
    filters: false,
  },
  'openai-compatible': {
    ...common,
    server: { flavour: 'compatible' },
    make: make('openai-compatible'),
    baseUrl: ({ url }) => `${url}/v1`,
    model: 'some-model',
    droppable: 'stop',
    rateHeaders: false,
  },
  'openai-compatible with Ollama': {
    ...common,
    server: { flavour: 'ollama', reasoningTokens: 20 },
    make: (config) => make('openai-compatible')({ ...config, fetch: config.fetch === fetch ? thinking : config.fetch }),
    baseUrl: ({ url }) => `${url}/v1`,
    model: 'qwen3:8b',
    droppable: 'think',
    events: false,
    rateHeaders: false,
    refuses: false,
    filters: false,
    paid: false,
  },
};
