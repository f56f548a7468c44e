/** The part in use: the whole SDK weighs three times as much. */
export { BaseAnthropic } from '@anthropic-ai/sdk/client';
