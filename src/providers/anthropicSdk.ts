/** The part of the SDK in use; the whole is three times as large. */
export { BaseAnthropic } from '@anthropic-ai/sdk/client';
