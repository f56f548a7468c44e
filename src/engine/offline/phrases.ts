/** English phrases of offline summaries; the host translates. */
import { english, type Translate } from '../messages.ts';
import type { Kind } from '../source.ts';

/** English phrases of offline summaries; keys of their translations. */
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
  odd: 'Unusual',
  forExample: 'For example',
  foldersAndFiles: 'Folders and files',
  partByPart: 'Part by part',
  timeline: 'Timeline',
  errorsAndWarnings: 'Errors and warnings',
  rareRecords: 'Rare records',
  frequentRecords: 'Frequent records',
  unusualValues: 'Unusual values',
  tableOf: 'Table of {0} and {1}.',
  row: '{0} row',
  rows: '{0} rows',
  column: '{0} column',
  columnsOf: '{0} columns',
  oddRow: '{0} row has another number of cells or can’t be read.',
  oddRows: '{0} rows have another number of cells or can’t be read.',
  like: '{0}× like: {1}',
  times: '{0} times',
  missing: 'missing in {0} rows',
  firstEmpty: 'first empty in line {0}',
  allDifferent: 'all different',
  dates: 'dates from {0} to {1}',
  always: 'always {0}',
  different: '{0} different',
  moreDifferent: 'more than {0} different',
  range: '{0} to {1}, mean {2}',
  quartiles: 'quartiles {0}, {1}, {2}',
  most: 'most: {0}',
  typeNumber: 'number',
  typeText: 'text',
  typeBoolean: 'true or false',
  typeNull: 'null',
  typeEmpty: 'empty',
  typeObject: 'object',
  typeArray: 'list',
  whyRare: 'rare',
  whyOddForm: 'unusual form',
  whyHighest: 'highest',
  whyLowest: 'lowest',
  whyOnly: 'the only one',
  logOf: 'Log of {0}, {1} of {2}.',
  record: '{0} record',
  records: '{0} records',
  kind: '{0} kind',
  kinds: '{0} kinds',
  levels: 'Levels: {0}.',
  time: 'Time: {0} to {1} ({2}).',
  perMinute: 'Most records per minute: {0}; fewest: {1}.',
  perHour: 'Most records per hour: {0}; fewest: {1}.',
  perDay: 'Most records per day: {0}; fewest: {1}.',
  burst: 'Burst at {0}: {1} records (usually {2}).',
  burstOfErrors: 'Burst at {0}: {1} errors and warnings (usually {2}).',
  day: '{0} day',
  days: '{0} days',
  hour: '{0} hour',
  hours: '{0} hours',
  minute: '{0} minute',
  minutes: '{0} minutes',
  second: '{0} second',
  seconds: '{0} seconds',
  underSecond: 'under a second',
  atLine: 'line {0}',
  atLines: 'lines {0}–{1}',
  part: '{0} part',
  parts: '{0} parts',
  file: '{0} file',
  filesOf: '{0} files',
  folder: '{0} folder',
  folders: '{0} folders',
  filesIn: '{0} in {1}',
  topFolder: 'top folder',
  hasNames: 'Has {0}.',
  setsNames: 'Sets {0}.',
  columnsAre: 'Columns: {0}',
  nothingIn: 'empty',
  moreNotes: '{0} more notes of this kind.',
  morePoint: '*1 more point did not fit this length.*',
  onlyShape: '{0} of the kind “{1}” in which no sentences, definitions, or records were found.',
  kindCode: 'code',
  kindLog: 'log',
  kindTable: 'table',
  kindJson: 'JSON',
  kindConfig: 'settings',
  kindDiff: 'diff',
  kindProse: 'prose',
  kindMarkdown: 'Markdown',
  kindLegal: 'legal text',
  kindTranscript: 'conversation',
  // headings of file format readers
  failedSteps: 'Failed steps',
  warnings: 'Warnings',
  steps: 'Steps',
  slowest: 'Slowest',
  leastCovered: 'Least covered',
  entriesHeading: 'Entries',
  errors: 'Errors',
  failures: 'Failures',
  skipped: 'Skipped',
  toDo: 'To do',
  containers: 'Containers',
  notWell: 'Not well',
  events: 'Events',
  operations: 'Operations',
  timeInside: 'Time in the function itself',
  timeWithCalls: 'Time with what it calls',
  tables: 'Tables',
  notTranslated: 'Not translated',
  toCheck: 'To be checked',
  requests: 'Requests',
  changedFiles: 'Changed files',
  shown: 'Shown',
  commands: 'Commands',
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

/** Names of the types of cells and JSON values. */
export const typeNames = {
  number: offlinePhrases.typeNumber,
  text: offlinePhrases.typeText,
  string: offlinePhrases.typeText,
  boolean: offlinePhrases.typeBoolean,
  null: offlinePhrases.typeNull,
  empty: offlinePhrases.typeEmpty,
  object: offlinePhrases.typeObject,
  array: offlinePhrases.typeArray,
} as const;

/** Reasons why a value is unusual. */
export const outlierReasons = {
  rare: offlinePhrases.whyRare,
  'odd form': offlinePhrases.whyOddForm,
  highest: offlinePhrases.whyHighest,
  lowest: offlinePhrases.whyLowest,
  only: offlinePhrases.whyOnly,
} as const;

/** Kinds of content as a reader calls them. */
export const kindNames = {
  code: offlinePhrases.kindCode,
  log: offlinePhrases.kindLog,
  table: offlinePhrases.kindTable,
  json: offlinePhrases.kindJson,
  config: offlinePhrases.kindConfig,
  diff: offlinePhrases.kindDiff,
  prose: offlinePhrases.kindProse,
  markdown: offlinePhrases.kindMarkdown,
  legal: offlinePhrases.kindLegal,
  transcript: offlinePhrases.kindTranscript,
} as const satisfies Record<Kind, string>;

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
