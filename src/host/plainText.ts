/** Names and foreign sentences as VS Code's messages show them: as characters, never as links or icons. Pure. */

/** Invisible and unbreakable: keeps two characters apart for a parser and together for a reader. */
const joiner = '\u2060';

/**
 * The same text with its link and icon syntax broken up. VS Code makes a link of `[text](command:…)`, also of `https:` and
 * `file:`, and an icon of `$(name)`, in notifications, progress, prompts, quick picks and the status bar.
 * Applying it twice changes nothing more.
 */
export function plainText(text: string): string {
  return text.replace(/\](?=\()/g, `]${joiner}`).replace(/\$(?=\()/g, `$${joiner}`);
}
