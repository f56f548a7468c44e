/** Words engine messages for the command line, without commands or settings of the editor. */
import { english, errorMessages, type ErrorCode, type Translate } from '../engine/messages.ts';

const ownMessages: Partial<Record<ErrorCode, string>> = {
  'price-unknown':
    'The price of {0} isn’t known, so the cost limit of ${1} can’t be applied. Set it under "prices" in config.json.',
  'secret-address': 'The base URL holds a user name, password or fragment. Put the key in the environment instead.',
  'key-text': 'The API key contains characters that no key has. Check the environment variable or "keyCommand".',
  'no-model-chosen': 'No model is chosen for the compatible server. Name one with --model.',
};
const ownByEnglish = new Map(
  Object.entries(ownMessages).map(([code, message]) => [errorMessages[code as ErrorCode] as string, message]),
);

/** Replaces an editor's message with the command line's wording. */
export const translate: Translate = (message, ...args) => english(ownByEnglish.get(message) ?? message, ...args);
