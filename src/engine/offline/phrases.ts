/** English phrases of offline summaries; the host translates. */
import { english, type Translate } from '../messages.ts';

export const offlinePhrases = {
  sectionBySection: 'Section by section',
  mainPoints: 'Main points',
  whatWasSaid: 'What was said',
  decisionsAndNextSteps: 'Decisions and next steps',
  publicInterface: 'Public interface',
  definitionsHeading: 'Definitions',
  inside: 'Inside',
  dependsOn: 'Depends on',
  markedInTheCode: 'Marked in the code',
  whatIsSet: 'What is set',
  files: 'Files',
  commitsHeading: 'Commits',
  commitsBy: '{0} by {1}.',
  commit: '{0} commit',
  commits: '{0} commits',
  revertedBy: 'reverted by {0}',
  columns: 'Columns',
  odd: 'Odd',
  forExample: 'For example',
  foldersAndFiles: 'Folders and files',
  partByPart: 'Part by part',
  timeline: 'Timeline',
  errorsAndWarnings: 'Errors and warnings',
  rareRecords: 'Rare records',
  frequentRecords: 'Frequent records',
  unusualValues: 'Unusual values',
  passages: 'Passages on “{0}”',
  noPassage:
    'No passage shares enough words with “{0}”. Without a language model only passages that use the question’s words can be found.',
  morePoints: '*{0} more points did not fit this length.*',
  empty: 'The text is empty.',
  conversation: 'A conversation of {0}: {1}.',
  andMore: '{0} and {1} more',
  turn: '{0} turn',
  turns: '{0} turns',
  has: '{0} has {1}.',
  defines: 'Defines {0}.',
  line: '{0} line',
  lines: '{0} lines',
  definition: '{0} definition',
  definitions: '{0} definitions',
  import: '{0} import',
  imports: '{0} imports',
  fileChanged: '{0} file changed',
  filesChanged: '{0} files changed',
  lineAdded: '{0} line added',
  linesAdded: '{0} lines added',
  lineRemoved: '{0} line removed',
  linesRemoved: '{0} lines removed',
  mostIn: 'Most of it in {0}.',
  newFile: 'new file',
  deletedFile: 'deleted file',
  binaryFile: 'binary file',
  sets: '{0} sets {1} in {2}.',
  value: '{0} value',
  values: '{0} values',
  group: '{0} group',
  groups: '{0} groups',
  entry: '{0} entry',
  entries: '{0} entries',
} as const;

/** Wording of the summary's own phrases in one language. */
export interface Wording {
  readonly translate: Translate;
  /** A number in the format of the language. */
  figure(value: number): string;
  /** Returns `one` or `many` with the number. */
  count(value: number, one: string, many: string): string;
}

/** @param locale format of numbers; English if absent */
export function createWording(translate: Translate = english, locale = 'en'): Wording {
  const format = new Intl.NumberFormat(isLocale(locale) ? locale : 'en');
  const figure = (value: number): string => format.format(value);
  const count = (value: number, one: string, many: string): string =>
    translate(value === 1 ? one : many, figure(value));
  return { translate, figure, count };
}

function isLocale(locale: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(locale).length > 0;
  } catch {
    return false;
  }
}
