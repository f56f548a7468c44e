/** The one module that reads the environment. */

/** Variables that Précis reads; no other is ever looked at. */
export type EnvironmentVariable = 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY';

/** The variable's value, trimmed; undefined where it is unset, blank, or there is no environment (a browser). */
export function readEnvironment(name: EnvironmentVariable): string | undefined {
  const environment = typeof process === 'undefined' ? undefined : process.env;
  return environment?.[name]?.trim() || undefined;
}

/** The user's home folder, for hiding it in logs; undefined where there is none. */
export function homeFolder(): string | undefined {
  const environment = typeof process === 'undefined' ? undefined : process.env;
  return environment?.['HOME'] || environment?.['USERPROFILE'] || undefined;
}
