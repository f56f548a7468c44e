/** Shape of `vscode.l10n.t`: handed to pure modules, so that they speak the user's language without knowing VS Code. */
export type Translate = (message: string, ...args: readonly (string | number | boolean)[]) => string;

/** English, with `{0}` filled in: for tests and for places without VS Code. */
export const english: Translate = (message, ...args) =>
  message.replace(/\{(\d+)\}/g, (whole, index: string) => String(args[Number(index)] ?? whole));
