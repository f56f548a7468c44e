/** `npm run provider`: the simulated provider by hand. `--port N --flavour F --latency FIRST,IN,OUT --window N --tpm N --rpm N`. */
import { parseArgs } from 'node:util';
import { startProvider, type Flavour } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8787' },
    flavour: { type: 'string', default: 'cloud' },
    latency: { type: 'string', default: '350,0.05,10' },
    window: { type: 'string', default: '128000' },
    tpm: { type: 'string' },
    rpm: { type: 'string' },
  },
});
const [firstTokenMs = 0, perInputTokenMs = 0, perOutputTokenMs = 0] = values.latency.split(',').map(Number);
const provider = await startProvider({
  port: Number(values.port),
  flavour: values.flavour as Flavour,
  contextWindow: Number(values.window),
  latency: { firstTokenMs, perInputTokenMs, perOutputTokenMs },
  rate: {
    tokensPerMinute: values.tpm ? Number(values.tpm) : undefined,
    requestsPerMinute: values.rpm ? Number(values.rpm) : undefined,
  },
});
const settings = {
  openai: { 'precis.provider': 'openai', 'precis.openai.baseUrl': `${provider.url}/v1` },
  anthropic: { 'precis.provider': 'anthropic', 'precis.anthropic.baseUrl': provider.url },
  compatible: { 'precis.provider': 'openai-compatible', 'precis.openaiCompatible.baseUrl': `${provider.url}/v1` },
};
const fitting = {
  cloud: ['openai', 'anthropic', 'compatible'],
  openai: ['openai'],
  anthropic: ['anthropic'],
} as Partial<Record<string, (keyof typeof settings)[]>>;
process.stdout.write(
  `The simulated provider listens at ${provider.url} and repeats what it is given. End it with Ctrl+C.\n`,
);
process.stdout.write('Point Précis at it in your user settings; any text serves as the key:\n');
for (const name of fitting[values.flavour] ?? ['compatible'])
  process.stdout.write(`${JSON.stringify(settings[name], undefined, 2)}\n`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.stdout.write(`\n${provider.calls.length} calls were answered.\n`);
    void provider.close();
  });
}
