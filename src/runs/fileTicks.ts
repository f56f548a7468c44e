import type { PlannedFile } from '../sources/index.ts';

/** A file of the list. */
export type FileRow = { readonly kind: 'file'; readonly path: string; readonly file: PlannedFile };
interface FolderRow {
  readonly kind: 'folder';
  /** Path without a slash at the end. */
  readonly path: string;
  /** All files below the folder. */
  readonly files: readonly FileRow[];
}
/** A line of the list. */
export type Row = FileRow | FolderRow;

interface Folder {
  readonly path: string;
  readonly files: FileRow[];
  readonly folders: Map<string, Folder>;
}

/** Lists folders before their files, and files before subfolders; the root has no row. */
export function createRows(files: readonly PlannedFile[]): Row[] {
  const top: Folder = { path: '', files: [], folders: new Map() };
  for (const file of files) {
    // an excluded folder cannot be ticked
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
  return listRowsBelow(top);
}

function listRowsBelow(folder: Folder): Row[] {
  const below = [...folder.folders.values()].flatMap(listRowsBelow);
  const rows: Row[] = [...folder.files, ...below];
  if (folder.path === '') return rows;
  const files = rows.filter((row) => row.kind === 'file');
  return [{ kind: 'folder', path: folder.path, files }, ...rows];
}

/** Returns the files that a folder's tick selects: those read by default; if none, all but key files. */
function wanted(folder: FolderRow): readonly FileRow[] {
  const usual = folder.files.filter(({ file }) => file.picked);
  return usual.length > 0 ? usual : folder.files.filter(({ file }) => !file.sensitive);
}

/**
 * Returns the rows ticked after a change. A folder's change applies to its content; a folder is ticked if all its default files
 * are. Idempotent.
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

/** Returns the initial ticks: the plan's, or the last choice. */
export function findTicks(rows: readonly Row[], chosen: ReadonlySet<string> | undefined): Set<Row> {
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

/** Whether both hold the same rows. */
export const isSame = (one: ReadonlySet<Row>, other: ReadonlySet<Row>): boolean =>
  one.size === other.size && [...one].every((row) => other.has(row));
