/** The part of the SDK that is used: loaded whole, with its beta tools, it would weigh three times as much. */
export { BaseAnthropic } from '@anthropic-ai/sdk/client';
