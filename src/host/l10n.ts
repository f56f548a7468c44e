import * as vscode from 'vscode';
import type { Translate } from '../engine/messages.ts';

/** Translates a message into the user's language; `{0}` is the first argument. */
export const t: Translate = (message, ...args) => vscode.l10n.t(message, ...args);
