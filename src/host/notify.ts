/**
 * The only module that shows VS Code's messages, prompts and picks: as plain text, so that no name becomes a command link. The
 * linter forbids direct calls.
 */
import * as vscode from 'vscode';
import { toPlainText } from './plainText.ts';

/** @returns the button; undefined if closed */
export function showInformation<T extends string>(message: string, ...buttons: readonly T[]): Promise<T | undefined> {
  return Promise.resolve(vscode.window.showInformationMessage(toPlainText(message), ...buttons));
}

/** @returns the button; undefined if closed */
export function showWarning<T extends string>(message: string, ...buttons: readonly T[]): Promise<T | undefined> {
  return Promise.resolve(vscode.window.showWarningMessage(toPlainText(message), ...buttons));
}

/** @returns the button; undefined if closed */
export function showError<T extends string>(message: string, ...buttons: readonly T[]): Promise<T | undefined> {
  return Promise.resolve(vscode.window.showErrorMessage(toPlainText(message), ...buttons));
}

/**
 * Shows a modal question; VS Code adds *Cancel*.
 * @returns the button; undefined for Cancel and Escape
 * @throws if no dialog can be shown, as under test
 */
export function askModal<T extends string>(
  message: string,
  detail: string,
  ...buttons: readonly T[]
): Promise<T | undefined> {
  const options = { modal: true, detail: toPlainText(detail) };
  tellAsking(1);
  return Promise.resolve(vscode.window.showWarningMessage(toPlainText(message), options, ...buttons)).finally(() =>
    tellAsking(-1),
  );
}

let openQuestions = 0;
const askingListeners = new Set<(open: boolean) => void>();

function tellAsking(change: 1 | -1): void {
  const before = openQuestions > 0;
  openQuestions += change;
  if (before !== openQuestions > 0) for (const listener of askingListeners) listener(openQuestions > 0);
}

/** Notifies when the first modal question opens and when the last one closes. */
export function onDidAsk(listener: (open: boolean) => void): { dispose(): void } {
  askingListeners.add(listener);
  return { dispose: () => void askingListeners.delete(listener) };
}

interface ShownProgress {
  report(message: string): void;
}

/** Shows progress until the work is done. */
export function showProgress<T>(
  options: {
    readonly location: vscode.ProgressLocation;
    readonly title: string;
    readonly cancellable?: boolean;
  },
  work: (progress: ShownProgress, token: vscode.CancellationToken) => Promise<T>,
): Promise<T> {
  return Promise.resolve(
    vscode.window.withProgress({ ...options, title: toPlainText(options.title) }, (progress, token) =>
      work({ report: (message) => progress.report({ message: toPlainText(message) }) }, token),
    ),
  );
}

/** A quick pick entry; only `icon` draws an icon. */
export interface PickItem extends Omit<vscode.QuickPickItem, 'iconPath'> {
  /** Name of a codicon, without `$()`. */
  icon?: string;
}

/** Makes texts plain and sets the icon. */
export function toPickItem<T extends PickItem>(item: T): T {
  const label = toPlainText(item.label);
  return {
    ...item,
    label: item.icon ? `$(${item.icon}) ${label}` : label,
    ...(item.description === undefined ? {} : { description: toPlainText(item.description) }),
    ...(item.detail === undefined ? {} : { detail: toPlainText(item.detail) }),
  };
}

/** @returns the picked entry; undefined if closed */
export async function showPick<T extends PickItem>(
  items: readonly T[],
  options: vscode.QuickPickOptions & { readonly title: string },
): Promise<T | undefined> {
  const shown = items.map((source) => ({ ...toPickItem<PickItem>(source), source }));
  return (await vscode.window.showQuickPick(shown, { ...options, title: toPlainText(options.title) }))?.source;
}

/** Entries go through `toPickItem`, the title through `toPlainText`. */
export function createPick<T extends PickItem>(): vscode.QuickPick<T> {
  return vscode.window.createQuickPick<T>();
}

/** @returns a line; undefined if closed */
export function askText(options: vscode.InputBoxOptions & { readonly title: string }): Promise<string | undefined> {
  const { title, prompt } = options;
  return Promise.resolve(
    vscode.window.showInputBox({
      ...options,
      title: toPlainText(title),
      ...(prompt === undefined ? {} : { prompt: toPlainText(prompt) }),
    }),
  );
}

/** @param icon a codicon's name without `$()` */
export function showStatus(icon: string, message: string, ms: number): void {
  vscode.window.setStatusBarMessage(`$(${icon}) ${toPlainText(message)}`, ms);
}

/** A step of several: its number, and whether another one precedes it. */
export interface Step {
  readonly title: string;
  readonly step: number;
  readonly totalSteps: number;
}

/**
 * Asks for a line of text in a step; validates it while typing.
 * @returns `back`, or undefined if closed
 */
export function askTextStep(
  options: Step & {
    readonly value?: string;
    readonly prompt: string;
    readonly password?: boolean;
    readonly back?: boolean;
    readonly validate: (text: string) => string | undefined;
  },
): Promise<{ readonly text: string } | 'back' | undefined> {
  const input = vscode.window.createInputBox();
  Object.assign(input, {
    title: toPlainText(options.title),
    step: options.step,
    totalSteps: options.totalSteps,
    value: options.value ?? '',
    prompt: toPlainText(options.prompt),
    password: options.password ?? false,
    ignoreFocusOut: true,
    buttons: options.back ? [vscode.QuickInputButtons.Back] : [],
  });
  return new Promise((resolve) => {
    const check = (): boolean => {
      const problem = options.validate(input.value);
      input.validationMessage = problem === undefined ? undefined : toPlainText(problem);
      return problem === undefined;
    };
    const end = (answer: { readonly text: string } | 'back' | undefined): void => {
      resolve(answer);
      input.dispose();
    };
    input.onDidChangeValue(check);
    input.onDidTriggerButton(() => end('back'));
    input.onDidAccept(() => {
      if (check()) end({ text: input.value.trim() });
    });
    input.onDidHide(() => end(undefined));
    input.show();
  });
}

/**
 * Shows a pick in a step.
 * @returns the entry, `back`, or undefined if closed
 */
export function pickStep<T extends PickItem>(items: readonly T[], step: Step): Promise<T | 'back' | undefined> {
  const pick = vscode.window.createQuickPick<PickItem & { readonly source: T }>();
  Object.assign(pick, {
    title: toPlainText(step.title),
    step: step.step,
    totalSteps: step.totalSteps,
    items: items.map((source) => ({ ...toPickItem<PickItem>(source), source })),
    ignoreFocusOut: true,
    matchOnDescription: true,
    buttons: [vscode.QuickInputButtons.Back],
  });
  return new Promise((resolve) => {
    const end = (answer: T | 'back' | undefined): void => {
      resolve(answer);
      pick.dispose();
    };
    pick.onDidTriggerButton(() => end('back'));
    pick.onDidAccept(() => end(pick.selectedItems[0]?.source));
    pick.onDidHide(() => end(undefined));
    pick.show();
  });
}
