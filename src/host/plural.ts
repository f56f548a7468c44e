/** Formats numbers and counted nouns in the user's language. */
import * as vscode from 'vscode';
import { t } from './l10n.ts';

/** Digits as in VS Code's language. */
export const number = (n: number): string => n.toLocaleString(vscode.env.language);

/** Singular rule of the language (French 0, Japanese none); English without a bundle. */
export function isOne(n: number): boolean {
  return new Intl.PluralRules(vscode.l10n.bundle ? vscode.env.language : 'en').select(n) === 'one';
}

/** Counts with their noun. */
export const plural = {
  files: (n: number): string => t(isOne(n) ? '{0} file' : '{0} files', number(n)),
  tokens: (n: number): string => t(isOne(n) ? '{0} token' : '{0} tokens', number(n)),
  requests: (n: number): string => t(isOne(n) ? '{0} request' : '{0} requests', number(n)),
} as const;
