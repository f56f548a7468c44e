/** Reads environment variables; no other module does. */

/** Variables of hosts compatible with OpenAI, by host; a leading dot includes all subdomains. */
const hostVariables = {
  'openrouter.ai': 'OPENROUTER_API_KEY',
  'api.groq.com': 'GROQ_API_KEY',
  'api.mistral.ai': 'MISTRAL_API_KEY',
  'api.deepseek.com': 'DEEPSEEK_API_KEY',
  'generativelanguage.googleapis.com': 'GEMINI_API_KEY',
  'api.x.ai': 'XAI_API_KEY',
  'api.together.xyz': 'TOGETHER_API_KEY',
  'api.fireworks.ai': 'FIREWORKS_API_KEY',
  'api.cerebras.ai': 'CEREBRAS_API_KEY',
  'models.github.ai': 'GITHUB_TOKEN',
  'router.huggingface.co': 'HF_TOKEN',
  '.openai.azure.com': 'AZURE_OPENAI_API_KEY',
  '.api.aws': 'AWS_BEARER_TOKEN_BEDROCK',
} as const;

/** Variables that Précis reads; it never reads others. */
export type EnvironmentVariable =
  'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY' | (typeof hostVariables)[keyof typeof hostVariables];

/**
 * Returns the variable whose key belongs to this host only; undefined if there is none.
 * @param host with its port
 */
export function findVariable(host: string): EnvironmentVariable | undefined {
  const name = host.toLowerCase();
  const found = Object.entries(hostVariables).find(([of]) =>
    of === '.api.aws'
      ? /^bedrock-mantle\.[\w-]+\.api\.aws$/.test(name)
      : of.startsWith('.')
        ? name.endsWith(of)
        : name === of,
  );
  return found?.[1];
}

/** Returns the trimmed value; undefined if unset or blank, or in a browser. */
export function readEnvironment(name: EnvironmentVariable): string | undefined {
  const environment = typeof process === 'undefined' ? undefined : process.env;
  return environment?.[name]?.trim() || undefined;
}

/** Returns the home folder, to hide it in logs; undefined if there is none. */
export function getHomeFolder(): string | undefined {
  const environment = typeof process === 'undefined' ? undefined : process.env;
  return environment?.['HOME'] || environment?.['USERPROFILE'] || undefined;
}
