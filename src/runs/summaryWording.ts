import * as vscode from 'vscode';
import { english, type Translate } from '../engine/messages.ts';
import { createWording, type Wording } from '../engine/offline/phrases.ts';
import { t } from '../host/l10n.ts';
import { findLanguageTag } from '../shared/languages.ts';

const bundles: Readonly<Record<string, string>> = { de: 'de', es: 'es', fr: 'fr', ja: 'ja', pt: 'pt-br', zh: 'zh-cn' };

/** Returns the wording of a language name or tag; '' for VS Code's. English without a readable bundle. */
export async function loadWording(language: string, extensionUri: vscode.Uri): Promise<Wording> {
  const displayed = vscode.l10n.bundle ? vscode.env.language : 'en';
  const tag = language.trim() === '' ? displayed : findLanguageTag(language);
  if (tag === displayed) return createWording((offlinePhrase, ...values) => t(offlinePhrase, ...values), displayed);
  const bundle = bundles[(tag ?? '').slice(0, 2)];
  const texts = bundle === undefined ? undefined : await readBundle(extensionUri, bundle);
  if (texts === undefined) return createWording();
  const translate: Translate = (phrase, ...values) => english(texts[phrase] ?? phrase, ...values);
  return createWording(translate, bundle);
}

async function readBundle(extensionUri: vscode.Uri, bundle: string): Promise<Record<string, string> | undefined> {
  const file = vscode.Uri.joinPath(extensionUri, 'media', 'l10n', `bundle.l10n.${bundle}.json`);
  try {
    const bytes = await vscode.workspace.fs.readFile(file);
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, string>;
  } catch {
    return undefined;
  }
}
