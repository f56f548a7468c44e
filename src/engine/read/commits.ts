/** A commit of `git log`. */
export interface Commit {
  readonly id: string;
  readonly author: string;
  readonly subject: string;
  /** First and last line of its header, numbered as in the input. */
  readonly line: number;
  readonly endLine: number;
  /** Index of the commit in this text that it reverts. */
  readonly reverts?: number;
}

interface Line {
  readonly text: string;
  readonly line: number;
}
type Head = { -readonly [key in keyof Commit]: Commit[key] } & { body: string[] };

const begin = /^(?:From|commit) ([0-9a-f]{7,64})\b(?: Mon Sep 17 00:00:00 2001$|(?: \(.*\))?$)/;

/** Whether a mail's headers begin: its sender and its subject in one block. */
function isMailHead(lines: readonly Line[], at: number): boolean {
  const key = /^(From|Subject): \S/.exec(lines[at]!.text)?.[1];
  if (!key) return false;
  const other = key === 'From' ? 'Subject: ' : 'From: ';
  for (let i = at + 1; i < at + maxHeaders && i < lines.length && lines[i]!.text !== ''; i++)
    if (lines[i]!.text.startsWith(other)) return true;
  return false;
}
const maxHeaders = 60;

/** Whether a mail brings a patch: a cover letter and an answer do not. */
const hasDiff = (lines: readonly Line[], { line }: Head, next: Head | undefined): boolean =>
  lines.some(
    (one) => one.line > line && one.line < (next?.line ?? Infinity) && /^(?:@@+ -\d|rename from )/.test(one.text),
  );

/** Returns commits in text order. */
export function readCommits(lines: readonly Line[]): Commit[] {
  const heads: Head[] = [];
  let head: Head | undefined;
  let field = '';
  const isMailed = !lines.some(({ text }) => begin.test(text));
  for (const [i, { text, line }] of lines.entries()) {
    const id = begin.exec(text)?.[1] ?? (isMailed && isMailHead(lines, i) ? '' : undefined);
    if (id !== undefined) {
      head = { id, author: '', subject: '', line, endLine: line, body: [] };
      heads.push(head);
      field = text.startsWith('From') ? 'mail' : 'log';
      if (id === '') field = readHeadLine(head, text, field);
    } else if (!head) continue;
    else if (/^(?:diff --|---$|Index: )/.test(text)) head = undefined;
    else {
      head.endLine = line;
      field = readHeadLine(head, text, field);
    }
  }
  const found = heads.filter((one, i) => one.subject !== '' && (!isMailed || hasDiff(lines, one, heads[i + 1])));
  return found.map(({ body, ...commit }) => {
    const reverts = findReverted(commit.subject, body.join('\n'), found);
    return reverts === undefined ? commit : { ...commit, reverts };
  });
}

function toName(person: string): string {
  const address = person.lastIndexOf('<');
  return (address > 0 ? person.slice(0, address) : person).trim().replace(/^"([^"]*)"$/, '$1');
}

/** Removes a mail subject's `[PATCH 1/3]`. */
function withoutPrefix(subject: string): string {
  const end = subject.indexOf(']');
  return subject.startsWith('[') && subject.slice(0, end).includes('PATCH') ? subject.slice(end + 1).trim() : subject;
}

/** Returns the field that the next line may continue. */
function readHeadLine(head: Head, text: string, field: string): string {
  const author = /^(?:From|Author):[ \t](.*)$/.exec(text)?.[1];
  if (author !== undefined && head.author === '') head.author = toName(author);
  const subject = /^Subject:[ \t](.*)$/.exec(text)?.[1];
  if (subject !== undefined && head.subject === '') {
    head.subject = withoutPrefix(subject.trim());
    return 'subject';
  }
  if (field === 'subject' && /^[ \t]+\S/.test(text)) {
    head.subject += ` ${text.trim()}`;
    return field;
  }
  const said = /^ {4}(.*\S)/.exec(text);
  if (field === 'log' && said && head.subject === '') head.subject = said[1]!;
  else head.body.push(text.trim());
  return field === 'subject' ? 'mail' : field;
}

function findReverted(subject: string, body: string, all: readonly Head[]): number | undefined {
  const id = /\bThis reverts commit ([0-9a-f]{7,64})/.exec(body)?.[1];
  const named = /^Revert "(.*)"$/.exec(subject)?.[1];
  const at = all.findIndex((other) =>
    id ? other.id !== '' && (other.id.startsWith(id) || id.startsWith(other.id)) : other.subject === named,
  );
  return at < 0 ? undefined : at;
}
