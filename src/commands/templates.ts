import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { askText, showPick, type PickItem } from '../host/notify.ts';
import { isTrusted } from '../host/settings.ts';
import { asUris } from '../host/uris.ts';
import { guessKind } from '../runs/templates/kinds.ts';
import { templateId, toUsed } from '../runs/templates/template.ts';
import { templateFolder, type FoundTemplate } from '../runs/templates/templates.ts';
import type { Services } from '../services.ts';
import { begin, type Begin } from './begin.ts';
import type { Command } from './command.ts';
import { changesToSummarize, fileToSummarize, selectionToSummarize } from './summarize.ts';

/** A key binding with `{ "template": "release-notes" }` skips the quick pick. */
export const summarizeWith: Command = {
  id: 'precis.summarizeWith',
  async execute(services, ...args) {
    const named = (args[0] as { readonly template?: unknown } | undefined)?.template;
    const what = await toSummarize(services, typeof named === 'string' ? [] : args);
    if (!what) return undefined;
    const template =
      typeof named === 'string' ? await services.templates.find(named) : await pickTemplate(services, what);
    if (typeof named === 'string' && !template) throw new Error(t('There is no template “{0}”.', named));
    if (!template || !(await services.templates.agree(template))) return undefined;
    return begin(services, { ...what, template: toUsed(template) });
  },
};

/** Returns changes from source control, a selection in the editor, else a file or folder. */
async function toSummarize(services: Services, args: readonly unknown[]): Promise<Begin | undefined> {
  const [first] = args as readonly ({ readonly rootUri?: unknown; readonly resourceStates?: unknown } | undefined)[];
  if (first?.rootUri !== undefined || first?.resourceStates !== undefined) return changesToSummarize(args);
  // the explorer passes its selection
  const selection = asUris(args[1]).length ? undefined : selectionToSummarize();
  return selection ?? fileToSummarize(services, args);
}

interface TemplateItem extends PickItem {
  readonly template?: FoundTemplate;
}

const origins = {
  folder: () => t('Templates of This Folder'),
  user: () => t('Your Templates'),
  'built-in': () => t('Built In'),
} as const;

async function pickTemplate(services: Services, { target, title }: Begin): Promise<FoundTemplate | undefined> {
  const kind = guessKind(target);
  const all = await services.templates.list();
  const fits = ({ kinds }: FoundTemplate): boolean => kind === undefined || kinds.length === 0 || kinds.includes(kind);
  const groups = [
    ...(['folder', 'user', 'built-in'] as const).map((origin) => ({
      label: origins[origin](),
      templates: all.filter((one) => one.origin === origin && fits(one)),
    })),
    { label: t('For Other Kinds of Text'), templates: all.filter((one) => !fits(one)) },
  ];
  const items: TemplateItem[] = groups.flatMap(({ label, templates }) =>
    templates.length === 0
      ? []
      : [{ label, kind: vscode.QuickPickItemKind.Separator }, ...templates.map(toTemplateItem)],
  );
  items.push({ label: '', kind: vscode.QuickPickItemKind.Separator });
  items.push({ icon: 'add', label: t('New Template…') });
  const picked = await showPick(items, {
    title: t('Summarize {0} with a Template', title),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked && !picked.template) await createTemplate(services);
  return picked?.template;
}

function toTemplateItem(template: FoundTemplate): TemplateItem {
  const { name, id, description, instructions, folder } = template;
  const from = folder === undefined ? '' : t('from the folder {0}', folder);
  const detail = description || instructions.split('\n')[0]!.slice(0, 120);
  return { label: name, description: [`/${id}`, from].filter(Boolean).join(' · '), detail, template };
}

async function createTemplate({ templates }: Services): Promise<void> {
  const name = await askText({
    title: t('New Template'),
    prompt: t('Name, as shown in the list'),
    validateInput: (text) => (text.trim() === '' ? t('Enter a name.') : undefined),
  });
  if (!name?.trim()) return;
  const folder = await chooseTemplateFolder(templates.userFolder);
  if (!folder) return;
  const uri = vscode.Uri.joinPath(folder, `${templateId(name)}.md`);
  const exists = await Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    () => true,
    () => false,
  );
  if (!exists) {
    await vscode.workspace.fs.createDirectory(folder);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(newTemplate(name.trim())));
  }
  await vscode.window.showTextDocument(uri);
}

async function chooseTemplateFolder(userFolder: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folders = isTrusted() ? (vscode.workspace.workspaceFolders ?? []) : [];
  if (!folders.length) return userFolder;
  const items: (PickItem & { readonly uri: vscode.Uri })[] = [
    { icon: 'account', label: t('For All Folders'), description: userFolder.fsPath, uri: userFolder },
    ...folders.map(({ name, uri }) => ({
      icon: 'root-folder',
      label: name,
      description: templateFolder,
      uri: vscode.Uri.joinPath(uri, templateFolder),
    })),
  ];
  return (await showPick(items, { title: t('Save the template where?') }))?.uri;
}

function newTemplate(name: string): string {
  return [
    '---',
    `name: ${JSON.stringify(name)}`,
    'description: ""',
    'length: standard  # brief, standard, detailed',
    'kinds: []  # code, log, table, json, diff, markdown, prose, transcript, legal, config',
    '---',
    '',
    t('Write here what the summary should contain, for whom, and in which form.'),
    '',
  ].join('\n');
}
