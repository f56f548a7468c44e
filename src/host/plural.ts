/** Numbers with what they count, in the form that the language of the texts has for that number. */
import * as vscode from 'vscode';
import { t } from './l10n.ts';

export const number = (n: number): string => n.toLocaleString(vscode.env.language);

/** Whether `n` takes the singular: in French 0 does too, in Japanese nothing does. Without a bundle the texts are English. */
export function isOne(n: number): boolean {
  return new Intl.PluralRules(vscode.l10n.bundle ? vscode.env.language : 'en').select(n) === 'one';
}

export const counted = {
  files: (n: number): string => t(isOne(n) ? '{0} file' : '{0} files', number(n)),
  tokens: (n: number): string => t(isOne(n) ? '{0} token' : '{0} tokens', number(n)),
  requests: (n: number): string => t(isOne(n) ? '{0} request' : '{0} requests', number(n)),
} as const;
