import * as vscode from 'vscode';

/** Undefined if the argument contains no URI. */
export function asUri(value: unknown): vscode.Uri | undefined {
  if (value instanceof vscode.Uri) return value;
  if (typeof value === 'string' && /^[a-z][\w+.-]+:/i.test(value)) return vscode.Uri.parse(value, true);
  const resource = (value as { resourceUri?: unknown } | undefined)?.resourceUri;
  return resource instanceof vscode.Uri ? resource : undefined;
}

/** Omits all that is no URI. */
export function asUris(value: unknown): vscode.Uri[] {
  return Array.isArray(value) ? value.map(asUri).filter((uri) => uri !== undefined) : [];
}
