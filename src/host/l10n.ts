import * as vscode from 'vscode';
import type { Translate } from '../engine/messages.ts';

/** A sentence in the user's language; `{0}` stands for the first argument. */
export const t: Translate = (message, ...args) => vscode.l10n.t(message, ...args);
