/** The tree of what would be read, as rows that are ticked: a folder's row ticks and unticks all that lies in it. Pure. */
import type { PlannedFile } from '../sources/index.ts';

export type FileRow = { readonly kind: 'file'; readonly path: string; readonly file: PlannedFile };
export interface FolderRow {
  readonly kind: 'folder';
  /** Without a slash at its end. */
  readonly path: string;
  /** All that lies below it. */
  readonly files: readonly FileRow[];
}
export type Row = FileRow | FolderRow;

interface Folder {
  readonly path: string;
  readonly files: FileRow[];
  readonly folders: Map<string, Folder>;
}

/** Each folder before its files, these before its own folders; what lies at the top has no folder's row. */
export function rowsOf(files: readonly PlannedFile[]): Row[] {
  const top: Folder = { path: '', files: [], folders: new Map() };
  for (const file of files) {
    // a folder that is left out as a whole cannot be ticked
    if (file.path.endsWith('/')) continue;
    let folder = top;
    const names = file.path.split('/').slice(0, -1);
    for (const name of names) {
      const path = folder.path ? `${folder.path}/${name}` : name;
      const inner = folder.folders.get(name) ?? { path, files: [], folders: new Map<string, Folder>() };
      folder.folders.set(name, inner);
      folder = inner;
    }
    folder.files.push({ kind: 'file', path: file.path, file });
  }
  return rowsBelow(top);
}

function rowsBelow(folder: Folder): Row[] {
  const below = [...folder.folders.values()].flatMap(rowsBelow);
  const rows: Row[] = [...folder.files, ...below];
  if (folder.path === '') return rows;
  const files = rows.filter((row) => row.kind === 'file');
  return [{ kind: 'folder', path: folder.path, files }, ...rows];
}

/** Those of a folder that its row ticks: what is read unless somebody says otherwise; where that is nothing, all but what may hold keys. */
function wanted(folder: FolderRow): readonly FileRow[] {
  const usual = folder.files.filter(({ file }) => file.picked);
  return usual.length > 0 ? usual : folder.files.filter(({ file }) => !file.sensitive);
}

/**
 * The rows that are ticked after somebody ticked or unticked some: what was done to a folder is done to what lies in it, and a folder
 * is ticked when all that it ticks is. Of the same rows it gives the same again.
 */
export function settled(rows: readonly Row[], before: ReadonlySet<Row>, now: ReadonlySet<Row>): Set<Row> {
  const ticked = new Set([...now].filter((row) => row.kind === 'file'));
  for (const row of rows) {
    if (row.kind === 'file' || before.has(row) === now.has(row)) continue;
    if (now.has(row)) for (const file of wanted(row)) ticked.add(file);
    else for (const file of row.files) ticked.delete(file);
  }
  return withFolders(rows, ticked);
}

/** What is ticked at first: what the plan picked, or what was chosen before. */
export function ticksOf(rows: readonly Row[], chosen: ReadonlySet<string> | undefined): Set<Row> {
  const files = rows.filter(
    (row) => row.kind === 'file' && (chosen ? chosen.has(row.file.uri.toString()) : row.file.picked),
  );
  return withFolders(rows, new Set(files));
}

function withFolders(rows: readonly Row[], files: ReadonlySet<Row>): Set<Row> {
  const ticked = new Set(files);
  for (const row of rows) {
    if (row.kind === 'file') continue;
    const all = wanted(row);
    if (all.length > 0 && all.every((file) => files.has(file))) ticked.add(row);
  }
  return ticked;
}

export const isSame = (one: ReadonlySet<Row>, other: ReadonlySet<Row>): boolean =>
  one.size === other.size && [...one].every((row) => other.has(row));
