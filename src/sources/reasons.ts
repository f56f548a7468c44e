/** Reasons for not reading something, with their sentences. */
export const reasons = {
  empty: 'The file is empty.',
  blank: 'The text has nothing but white space.',
  binary: 'Binary file',
  image: 'Image, audio or video file',
  archive: 'Archive',
  missing: 'No longer exists.',
  'no-permission': 'No permission to read',
  folder: 'Folder',
  special: 'Special file',
  unreadable: 'Can’t be read',
  outside: 'Link to a file outside the folder',
  ignored: 'Excluded by an ignore file',
  excluded: 'Excluded by files.exclude, search.exclude or precis.exclude',
  secret: 'May contain keys or passwords',
  lock: 'Lock file',
  generated: 'Generated file',
  minified: 'Minified file',
  vendored: 'Third-party code',
  history: 'Version control data',
  templates: 'Summary templates',
  'too-many': 'There are too many files; choose a smaller folder.',
  'too-large': 'Too large for this type of document',
  'no-words': 'No text was found in the document.',
  'no-browser': 'Documents of this kind cannot be read in a browser.',
  damaged: 'The document is damaged or protected.',
  untrusted: 'The folder is not trusted.',
} as const;
/** Why a file is not read. */
export type Reason = keyof typeof reasons;

/** Reason for a disk's error, by Node's or VS Code's code. */
export function toReason(error: unknown): Reason {
  switch ((error as { readonly code?: unknown } | undefined)?.code) {
    case 'ENOENT':
    case 'FileNotFound':
      return 'missing';
    case 'EACCES':
    case 'EPERM':
    case 'NoPermissions':
      return 'no-permission';
    case 'EISDIR':
    case 'FileIsADirectory':
      return 'folder';
    default:
      return 'unreadable';
  }
}
