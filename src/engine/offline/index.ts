/** Extractive summaries by kind, every line cited. */
import type { Yield } from '../ports.ts';
import { answer } from './answer.ts';
import { readCode } from './code.ts';
import { compose, write } from './compose.ts';
import { readConfig } from './config.ts';
import { summarizeDiff } from './diff.ts';
import { readFolder } from './folder.ts';
import { readLog, getRoom } from './log.ts';
import { createWording, kindNames, offlinePhrases, type Wording } from './phrases.ts';
import { readMeeting } from './meeting.ts';
import { tellFormat } from './format.ts';
import { readProse } from './prose.ts';
import { readTable } from './table.ts';
import type { Kind } from '../source.ts';
import type { OfflineInput, OfflinePart, OfflineSummary, Point } from './types.ts';
import { cite, type Line, readLines } from './view.ts';

export type { Cite, OfflineInput, OfflinePart, OfflinePiece, OfflineSummary } from './types.ts';

/** Returns the pieces in order, each text before its marks. Pure except for `yieldNow`. */
export async function summarizeOffline(input: OfflineInput, yieldNow: Yield): Promise<OfflineSummary> {
  const wording = input.wording ?? createWording();
  if (input.parts.every((part) => part.prepared.chunks.every((chunk) => chunk.text.trim() === '')))
    return [{ text: wording.translate(offlinePhrases.empty) }];
  const question = input.question?.trim();
  if (question) return compose(await answer(input, question, yieldNow), input.length, wording);
  if (input.parts.length > 1) return compose(await readFolder(input, yieldNow), input.length, wording);
  const part = input.parts[0] as OfflinePart;
  const lines = await readLines(part, yieldNow);
  await yieldNow();
  const { format } = part.prepared;
  if (format) {
    const known = tellFormat(format, 0);
    if (!format.continues) return compose(known, input.length, wording);
    const own = await readPart(part, lines, input, yieldNow);
    return budgetedKinds.has(part.prepared.kind)
      ? write([...known, ...own], wording)
      : compose([...known, ...own], input.length, wording);
  }
  const points = await readPart(part, lines, input, yieldNow);
  if (points.length === 0) return write([shapeOnly(part, lines, wording)], wording);
  return budgetedKinds.has(part.prepared.kind)
    ? write(points, wording)
    : compose(points, input.length, wording, getRoom(points));
}

/** Kinds whose readers keep to the length on their own. */
const budgetedKinds: ReadonlySet<Kind> = new Set(['prose', 'markdown', 'legal', 'transcript']);

async function readPart(
  part: OfflinePart,
  lines: readonly Line[],
  input: OfflineInput,
  yieldNow: Yield,
): Promise<Point[]> {
  const wording = input.wording ?? createWording();
  switch (part.prepared.kind) {
    case 'code': {
      const points = await readCode(lines, 0, part, yieldNow, wording);
      return points.some(({ section, weight }) => section !== '' || weight >= 9)
        ? points
        : [...points, ...(await readProse(lines, 0, input, yieldNow))];
    }
    case 'log':
      return readLog(lines, 0, part, yieldNow, wording);
    case 'table':
    case 'json':
      return (
        (await readTable(lines, 0, part, yieldNow, wording)) ??
        (part.prepared.kind === 'json'
          ? readConfig(lines, 0, part, yieldNow, wording)
          : readProse(lines, 0, input, yieldNow))
      );
    case 'diff':
      return summarizeDiff(lines, 0, yieldNow, wording);
    case 'config':
      return readConfig(lines, 0, part, yieldNow, wording);
    case 'transcript':
      return readMeeting(lines, 0, input, yieldNow);
    default:
      return readProse(lines, 0, input, yieldNow);
  }
}

const shapeOnly = (part: OfflinePart, lines: readonly Line[], { translate, count }: Wording): Point => ({
  section: '',
  plain: true,
  text: translate(
    offlinePhrases.onlyShape,
    count(part.prepared.lines, offlinePhrases.line, offlinePhrases.lines),
    translate(kindNames[part.prepared.kind]),
  ),
  cite: [cite(0, lines[0]?.line ?? 1)],
  weight: 1,
});
