/** Finds templates of the workspace, the user and Précis. A folder's template is used only after the user agreed to its exact words. */
import * as vscode from 'vscode';
import type { Hash } from '../../engine/ports.ts';
import { getHomeFolder } from '../../host/environment.ts';
import { t } from '../../host/l10n.ts';
import type { Log } from '../../host/log.ts';
import { askModal } from '../../host/notify.ts';
import type { Permissions } from '../../host/permissions.ts';
import { isTrusted } from '../../host/settings.ts';
import { builtInTemplates } from './builtIns.ts';
import type { Template } from './template.ts';

/** A template and where it comes from. */
export interface FoundTemplate extends Template {
  readonly origin: 'folder' | 'user' | 'built-in';
  /** File of the template; absent for a built-in one. */
  readonly uri?: vscode.Uri;
  readonly folder?: string;
}

/** Templates of workspace, user and product. */
export interface Templates {
  /** Lists the workspace's, the user's, then built-in templates; one for each id. */
  list(): Promise<readonly FoundTemplate[]>;
  /** Finds by id or name; undefined if there is none. */
  find(name: string): Promise<FoundTemplate | undefined>;
  /** Whether it may be used; asks about a folder's template at first use and after a change. */
  agree(template: FoundTemplate): Promise<boolean>;
  readonly userFolder: vscode.Uri;
}

interface TemplatesDeps {
  readonly context: Pick<vscode.ExtensionContext, 'globalStorageUri'>;
  readonly permissions: Permissions;
  readonly hash: Hash;
  readonly log: Pick<Log, 'warn'>;
}

/** Name of the folder, in a workspace folder and in the home folder. */
export const templateFolder = '.precis';
const maxFiles = 50;
/** Characters in the question. */
const maxShown = 1_500;

/** Reads no file yet. */
export function createTemplates(deps: TemplatesDeps): Templates {
  return new TemplateFinder(deps);
}

class TemplateFinder implements Templates {
  readonly userFolder: vscode.Uri;
  private readonly deps: TemplatesDeps;

  constructor(deps: TemplatesDeps) {
    this.deps = deps;
    const home = getHomeFolder();
    this.userFolder = vscode.Uri.joinPath(home ? vscode.Uri.file(home) : deps.context.globalStorageUri, templateFolder);
  }

  async list(): Promise<readonly FoundTemplate[]> {
    const folders = isTrusted() ? (vscode.workspace.workspaceFolders ?? []) : [];
    const found = await Promise.all([
      ...folders.map(({ uri, name }) => this.read(vscode.Uri.joinPath(uri, templateFolder), 'folder', name)),
      this.read(this.userFolder, 'user'),
    ]);
    const builtIn = builtInTemplates().map((template): FoundTemplate => ({ ...template, origin: 'built-in' }));
    const all = [...found.flat(), ...builtIn];
    return all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index);
  }

  async find(name: string): Promise<FoundTemplate | undefined> {
    const wanted = name.trim().toLowerCase();
    const all = await this.list();
    return all.find(({ id }) => id === wanted) ?? all.find((one) => one.name.toLowerCase() === wanted);
  }

  async agree(template: FoundTemplate): Promise<boolean> {
    if (template.origin !== 'folder') return true;
    if (!isTrusted()) return false;
    const { permissions, hash } = this.deps;
    const file = `${template.folder ?? ''}/${templateFolder}/${template.id}.md`;
    const { name: label, length, kinds, instructions } = template;
    const text = JSON.stringify([String(template.uri), label, length, kinds, instructions]);
    const name = `${file} ${hash(text).slice(0, 16)}`;
    if (permissions.get('templates', name) === 'send') return true;
    const before = permissions.list().filter((one) => one.kind === 'templates' && one.name.startsWith(`${file} `));
    const use = t('Use Template');
    const title = before.length
      ? t('The template “{0}” of the folder {1} has changed. Use it?', template.name, template.folder ?? '')
      : t('Use the template “{0}” of the folder {1}?', template.name, template.folder ?? '');
    const detail = t('It instructs the model: {0}', template.instructions.slice(0, maxShown));
    // without a dialog nobody agreed
    if ((await askModal(title, detail, use).catch(() => undefined)) !== use) return false;
    for (const old of before) await permissions.set('templates', old.name, undefined);
    await permissions.set('templates', name, 'send');
    return true;
  }

  private async read(
    folder: vscode.Uri,
    origin: 'folder' | 'user',
    folderName?: string,
  ): Promise<readonly FoundTemplate[]> {
    const { fs } = vscode.workspace;
    const entries = await Promise.resolve(fs.readDirectory(folder)).catch((): [string, vscode.FileType][] => []);
    // links are skipped, because they may lead out of the folder
    const names = entries
      .filter(([name, type]) => type === vscode.FileType.File && /\.md$/i.test(name))
      .map(([name]) => name)
      .sort()
      .slice(0, maxFiles);
    const templates = await Promise.all(names.map((name) => this.readOne(vscode.Uri.joinPath(folder, name), name)));
    return templates
      .filter((template) => template !== undefined)
      .map((template) => ({ ...template, origin, ...(folderName === undefined ? {} : { folder: folderName }) }));
  }

  private async readOne(uri: vscode.Uri, name: string): Promise<(Template & { readonly uri: vscode.Uri }) | undefined> {
    const { fs } = vscode.workspace;
    const { maxTemplateLength, parseTemplate } = await import('./parse.ts');
    try {
      // a character has at least one byte
      if ((await fs.stat(uri)).size > maxTemplateLength * 4) return this.refuse('too-long');
      const parsed = parseTemplate(name, new TextDecoder().decode(await fs.readFile(uri)));
      return typeof parsed === 'string' ? this.refuse(parsed) : { ...parsed, uri };
    } catch {
      return this.refuse('unreadable');
    }
  }

  private refuse(problem: string): undefined {
    this.deps.log.warn(`a template was left out: ${problem}`);
  }
}
