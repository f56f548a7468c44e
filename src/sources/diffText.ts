/** Unified diffs as text. Pure. */

/** The parts of a Git diff, one a file. */
export function splitDiff(diff: string): { readonly path: string; readonly text: string }[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => /\S/.test(part))
    .map((text) => ({ path: pathOf(text), text: text.endsWith('\n') ? text : `${text}\n` }));
}

function pathOf(part: string): string {
  const after = /^\+\+\+ (?:"b\/(.+)"|b\/(.+?))\t?\r?$/m.exec(part);
  const before = /^--- (?:"a\/(.+)"|a\/(.+?))\t?\r?$/m.exec(part);
  const header = /^diff --git (?:"a\/.+?"|a\/.+?) (?:"b\/(.+)"|b\/(.+))\r?$/m.exec(part);
  const found = [after, before, header].find((match) => match);
  return found?.[1] ?? found?.[2] ?? '';
}

/** A new file as Git would show it once it knows it. `text` undefined: it is no text. */
export function addedFile(path: string, text: string | undefined): string {
  const head = `diff --git a/${path} b/${path}\nnew file\n`;
  if (text === undefined) return `${head}Binary files /dev/null and b/${path} differ\n`;
  const lines = text.replace(/\n$/, '').split('\n');
  return `${head}--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
}
