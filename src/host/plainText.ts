/** An invisible character that keeps two others apart for a parser. */
const joiner = '\u2060';

/**
 * Breaks up links (`[text](command:…)`, `https:`, `file:`) and icons (`$(name)`), which VS Code's messages and picks would
 * render. Idempotent.
 */
export function toPlainText(text: string): string {
  return text.replace(/\](?=\()/g, `]${joiner}`).replace(/\$(?=\()/g, `$${joiner}`);
}
