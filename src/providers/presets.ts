/** Well-known compatible servers for *Select Provider*. */

export interface Preset {
  readonly id: string;
  readonly label: string;
  /** The user replaces parts in braces, such as `{resource}`. */
  readonly baseUrl: string;
  readonly needsKey: boolean;
  /** Where to get a key or the server. */
  readonly help: string;
}

/** Servers that *Select Provider* offers. */
export const presets: readonly Preset[] = [
  {
    id: 'ollama',
    label: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    needsKey: false,
    help: 'https://ollama.com/download',
  },
  {
    id: 'lmstudio',
    label: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    needsKey: false,
    help: 'https://lmstudio.ai',
  },
  {
    id: 'llamacpp',
    label: 'llama.cpp server',
    baseUrl: 'http://127.0.0.1:8080/v1',
    needsKey: false,
    help: 'https://github.com/ggml-org/llama.cpp',
  },
  {
    id: 'vllm',
    label: 'vLLM',
    baseUrl: 'http://127.0.0.1:8000/v1',
    needsKey: false,
    help: 'https://docs.vllm.ai',
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    needsKey: true,
    help: 'https://openrouter.ai/keys',
  },
  {
    id: 'groq',
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    needsKey: true,
    help: 'https://console.groq.com/keys',
  },
  {
    id: 'azure',
    label: 'Azure OpenAI',
    baseUrl: 'https://{resource}.openai.azure.com/openai/v1',
    needsKey: true,
    help: 'https://ai.azure.com',
  },
  {
    id: 'mistral',
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    needsKey: true,
    help: 'https://console.mistral.ai/api-keys',
  },
  {
    id: 'deepseek',
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    needsKey: true,
    help: 'https://platform.deepseek.com/api_keys',
  },
  {
    id: 'gemini',
    label: 'Gemini',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    needsKey: true,
    help: 'https://aistudio.google.com/apikey',
  },
  {
    id: 'xai',
    label: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    needsKey: true,
    help: 'https://console.x.ai',
  },
  {
    id: 'together',
    label: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    needsKey: true,
    help: 'https://api.together.ai/settings/api-keys',
  },
  {
    id: 'fireworks',
    label: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    needsKey: true,
    help: 'https://app.fireworks.ai/settings/users/api-keys',
  },
  {
    id: 'cerebras',
    label: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    needsKey: true,
    help: 'https://cloud.cerebras.ai',
  },
  {
    id: 'bedrock',
    label: 'Amazon Bedrock',
    baseUrl: 'https://bedrock-mantle.{region}.api.aws/v1',
    needsKey: true,
    help: 'https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html',
  },
  {
    id: 'vertex',
    label: 'Google Vertex AI',
    baseUrl: 'https://aiplatform.googleapis.com/v1/projects/{project}/locations/global/endpoints/openapi',
    needsKey: true,
    help: 'https://cloud.google.com/vertex-ai/generative-ai/docs/start/openai',
  },
  {
    id: 'github',
    label: 'GitHub Models',
    baseUrl: 'https://models.github.ai/inference',
    needsKey: true,
    help: 'https://github.com/settings/tokens',
  },
  {
    id: 'huggingface',
    label: 'Hugging Face',
    baseUrl: 'https://router.huggingface.co/v1',
    needsKey: true,
    help: 'https://huggingface.co/settings/tokens',
  },
];
