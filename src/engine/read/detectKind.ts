import { isCodeLanguage, findLanguage } from './code/languages.ts';
import { looksLikeChat } from './chat.ts';
import { separatorLine } from './fold/csv.ts';
import { servicePrefix } from './fold/log/header.ts';
import { detectDialect } from './markup.ts';
import { cue, turn } from './split/transcript.ts';
import type { Kind } from '../source.ts';

/** Length of the sample that decides a kind, UTF-16 units. */
export const sampleLength = 65_536;

interface RouteSample {
  readonly text: string;
  /** A file name or title; its extension is a hint. */
  readonly title: string;
  readonly languageId?: string;
}

/** Detects the kind from language, name and sample. A specific name decides, else the content. */
export function route(sample: RouteSample): Kind {
  const name = getBaseName(sample.title);
  const text = sample.text.slice(0, sampleLength);
  // a comparison has the title of the compared file
  if (sample.languageId === 'diff') return 'diff';
  if (/\.x?html?$/.test(name) && !/^\s*</.test(text)) return detectPageKind(text);
  const named = detectByName(name) ?? detectByLanguage(sample.languageId);
  if (named === 'json') return detectJsonKind(name, text);
  if (named === 'table') {
    const isTable = [text, withoutQuoted(text)].some((one) => looksLikeTable(splitLines(one, maxRow), true));
    return isTable ? 'table' : detectByContent(text);
  }
  if (named === 'markdown') return looksLegal(text) ? 'legal' : 'markdown';
  return named ?? detectByContent(text);
}

function detectPageKind(text: string): Kind {
  const kind = detectByContent(text);
  return kind === 'code' || kind === 'config' ? 'prose' : kind;
}

const kindsOfLanguages: Readonly<Record<string, Kind>> = {
  diff: 'diff',
  'git-commit': 'diff',
  log: 'log',
  csv: 'table',
  tsv: 'table',
  'dynamic csv': 'table',
  json: 'json',
  jsonc: 'json',
  jsonl: 'json',
  json5: 'json',
  geojson: 'json',
  markdown: 'markdown',
  mdx: 'markdown',
  restructuredtext: 'markdown',
  asciidoc: 'markdown',
  latex: 'markdown',
  tex: 'markdown',
  quarto: 'markdown',
  org: 'markdown',
  yaml: 'config',
  toml: 'config',
  ini: 'config',
  properties: 'config',
  dotenv: 'config',
  dockercompose: 'config',
  ignore: 'config',
};

function detectByLanguage(languageId: string | undefined): Kind | undefined {
  if (languageId === undefined || languageId === 'plaintext') return undefined;
  return kindsOfLanguages[languageId] ?? (isCodeLanguage(languageId) ? 'code' : undefined);
}

const kindsOfNames: readonly (readonly [RegExp, Kind])[] = [
  [/\.(?:diff|patch)$/, 'diff'],
  [/(?:\.log(?:\.\d+|\.[\d-]+)?|^syslog|^messages|\.(?:err|out|trace))$/, 'log'],
  [/\.(?:csv|tsv|psv)$/, 'table'],
  [/\.(?:json|jsonl|ndjson|jsonc|json5|geojson|har|webmanifest|avsc)$/, 'json'],
  [/\.(?:md|markdown|mdx|rst|adoc|asciidoc|tex|qmd|rmd|org|wiki|textile)$/, 'markdown'],
  [/\.(?:vtt|srt|sbv)$/, 'transcript'],
  [
    /(?:\.(?:ya?ml|toml|ini|cfg|conf|config|properties|env|editorconfig|plist|reg|desktop|service)|^\.\w+(?:rc|ignore|config)|^\.env(?:\.\w+)?)$/,
    'config',
  ],
];

function detectByName(name: string): Kind | undefined {
  return kindsOfNames.find(([form]) => form.test(name))?.[1] ?? (findLanguage(name) ? 'code' : undefined);
}
const getBaseName = (title: string) =>
  title.slice(Math.max(title.lastIndexOf('/'), title.lastIndexOf('\\')) + 1).toLowerCase();

const settingsName =
  /^(?:package|composer|tsconfig.*|jsconfig.*|settings|launch|tasks|extensions|manifest|app|appsettings.*|angular|nx|turbo|deno|lerna|biome|renovate|\..*rc|.*\.config|.*\.schema)\.jsonc?$/;
const recordKeys = /"(?:ts|time|timestamp|@timestamp|datetime|date)"\s*:/i;
const levelKeys = /"(?:level|lvl|severity|loglevel|log\.level)"\s*:/i;

function detectJsonKind(name: string, text: string): Kind {
  if (settingsName.test(name)) return 'config';
  return countJsonRecords(splitLines(text)) ? 'log' : 'json';
}
function countJsonRecords(lines: readonly string[]): boolean {
  return (
    lines.length > 2 &&
    share(
      lines,
      (line) =>
        line.startsWith('{') && recordKeys.test(line) && (levelKeys.test(line) || /"(?:msg|message)"\s*:/.test(line)),
    ) > 0.7
  );
}

/** Units of a line that are looked at; of a table's row, which may be wide, more. */
const maxLine = 400;
const maxRow = 20_000;

/** Non-blank, at most 400. */
function splitLines(text: string, longest = maxLine): string[] {
  const lines = text.split('\n', 1000);
  if (text.length >= sampleLength - 4096 && lines.length > 1) lines.pop();
  return lines
    .map((line) => line.slice(0, longest).trimEnd())
    .filter(Boolean)
    .slice(0, 400);
}

const share = (lines: readonly string[], test: (line: string) => boolean) =>
  lines.length === 0 ? 0 : lines.filter(test).length / lines.length;

function detectByContent(text: string): Kind {
  const lines = splitLines(text);
  if (lines.length === 0) return 'prose';
  if (looksLikeDiff(lines)) return 'diff';
  if (looksLikeChat(lines) || /^\ufeff?WEBVTT\b/.test(text)) return 'transcript';
  if (detectDialect('', text)) return 'markdown';
  if (/^\s*<(?:!doctype|\?xml|html|svg)\b/i.test(text.slice(0, 200)) || /^#!/.test(text)) return 'code';
  if (looksLikeServices(lines)) return 'log';
  if (looksLikeJson(text, lines)) return countJsonRecords(lines) ? 'log' : 'json';
  if (looksLikeLog(lines)) return 'log';
  if (looksLikeTable(lines)) return 'table';
  const code = measureCodeShare(text, lines);
  if (share(lines, (line) => cue.test(line)) > 0.2 || (code < 0.3 && looksLikeTranscript(lines))) return 'transcript';
  if (code < 0.2 && looksLegal(text)) return 'legal';
  const settings = share(lines, (line) => settingLine.test(line));
  if (settings > 0.7 && settings > code) return 'config';
  if (code < 0.35 && looksLikeMarkdown(text)) return 'markdown';
  return code > 0.35 ? 'code' : 'prose';
}

const settingLine =
  /^\s*(?:(?:- )?["'\w./$-]+\s*[=:](?!=)(?:\s*\S{0,60}(?:\s\S{0,40}){0,8})|\[[^\]]+\]|[#;].*|(?:- )?[\w.-]+:|- \S+)$/;

/** They decide if comments prevail. */
const definitionLine =
  /^\s*(?:(?:async )?def \w+\(|class \w+[(:{]|from [\w.]+ import |import [\w.]+;?$|#\s*include [<"]|func (?:\(.*\) )?\w+\(|(?:pub )?fn \w+|(?:public|private|protected) (?:static )?[\w<>]+ \w+|export (?:default )?(?:async )?(?:function|const|class|interface|type)\b|(?:const|let|var) \w+ = )/;

/** Of signs in a text without line breaks. */
function measureCodeShare(text: string, lines: readonly string[]): number {
  if (text.length / lines.length > 400 && lines.length < 200) {
    // a parenthesis after a space occurs in prose
    const signs = text.match(/[{};=<>]|(?<=\S)\(|\)(?=[;{.[])/g)?.length ?? 0;
    return Math.min(1, (signs / text.length) * 10);
  }
  const comments = text.includes('/*');
  const bare = withoutFences(lines).filter((line) => !(comments && /^\s+\*/.test(line)));
  const sure = share(bare, (line) => definitionLine.test(line));
  return share(bare, (line) => codeLine.test(line)) + (sure > 0.03 ? 0.3 : 0);
}

const codeLine = new RegExp(
  [
    /(?:[;{}]|\)\s*:|=>|\)\s*\{|[\w)]\()\s*(?:\/\/[^]*)?$/, // typical ends of lines of code
    /^\s*(?:import|from|export|function|def|class|const|let|var|return|public|private|static|func|fn|package|using|end|elif|else|try)\b(?!\s+(?:the|a|an|of|to|in|and)\b)/,
    /^\s*(?:(?:if|for|while|switch)\s*\(|#include|#define|\/\/|\/\*|@\w+|[)}\]]+[,;]?$)/,
    /^\s*[\w.[\]'"]+\s?(?:[-+*/|&:]?=)\s?\S/,
    /^\s*[\w.]+\(.*\)(?:\s*#[^]*)?$/,
  ]
    .map((form) => form.source)
    .join('|'),
);

function looksLikeDiff(lines: readonly string[]): boolean {
  const at = lines.findIndex((line) => /^(?:diff --(?:git|cc|combined) |--- \S|Index: |@@+ -\d+)/.test(line));
  // A commit's message or a mail's headers may be long.
  const isCommit = /^(?:commit|From) [0-9a-f]{7,64}\b/.test(lines[0] ?? '') || lines.slice(0, at).some(isSubject);
  return at >= 0 && (at < 60 || isCommit) && lines.slice(at).some((line) => hunk.test(line));
}
const hunk = /^@@ -\d+(?:,\d+)? \+\d+|^@@@+ -\d+(?:,\d+)? -\d+/;
const isSubject = (line: string): boolean => /^Subject: \S/.test(line);

function looksLikeJson(text: string, lines: readonly string[]): boolean {
  const begin = text.slice(0, 2000).trimStart();
  if (!/^[[{]\s*(?:["[{\]}]|-?\d|true|false|null|$)/.test(begin)) return false;
  if (lines.length > 2 && share(lines, (line) => /^\{".*\}$/.test(line)) > 0.8) return true;
  const signs = begin.match(/"\s*:|[{}[\],]/g)?.length ?? 0;
  return signs >= Math.min(4, begin.length / 40) && !/^\[[^\]"{]*\]\s*\w/.test(begin);
}

const stamp =
  /(?:\b\d{4}[-/]\d\d[-/]\d\d|\b\d\d[-/]\w{2,3}[-/]\d{2,4}|\b\w{3}\s+\d{1,2})?[T :,]{0,2}\b\d\d:\d\d:\d\d\b|^\W?\d{4}[-/]\d\d[-/]\d\d\b|^\d{6} \d{6}\b|^\[?\s*\d+\.\d{3,6}\]|^\d{10,13}\b/;
const level =
  /\b(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL|SEVERE)\b|^[IWEFD]\d{4} |\b(?:level|lvl)=\w+/;
const traceLine =
  /^\s+at |^\s+File "|^Caused by|^\s*\.{3} \d+ more|^Traceback|^#\d+ |^\[(?:stacktrace|previous exception)\]|^"\}/;
const syslogLine = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ [\w()./ -]{1,60}(?:\[\d+\])?: /;

/** What `docker compose logs` writes: the service before each line. */
function looksLikeServices(lines: readonly string[]): boolean {
  const names = lines.flatMap((line) => servicePrefix.exec(line)?.[1] ?? []);
  return (
    names.length >= 4 &&
    names.length > 0.8 * lines.length &&
    new Set(names).size <= Math.max(3, names.length / 4) &&
    share(lines, (line) => line.split(' | ').length > 2) < 0.5
  );
}

function looksLikeLog(lines: readonly string[]): boolean {
  if (lines.length >= 2 && share(lines, (line) => syslogLine.test(line)) > 0.6) return true;
  const records = lines.filter((line) => !traceLine.test(line) && !/^\s/.test(line));
  const stamped = share(records, (line) => stamp.test(line.slice(0, 80)));
  const leveled = share(records, (line) => level.test(line.slice(0, 120)));
  const request = share(records, (line) => /"(?:GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH) \S+ HTTP/.test(line));
  if (share(lines, (line) => cue.test(line)) > 0.2 || (leveled < 0.1 && looksLikeTranscript(lines))) return false;
  return records.length >= 2 && (stamped > 0.6 || leveled > 0.6 || request > 0.6 || (stamped > 0.3 && leveled > 0.3));
}

/** @param isNamed whether the file's name says so: its cells may end as sentences do */
function looksLikeTable(all: readonly string[], isNamed = false): boolean {
  const named = separatorLine.exec(all[0] ?? '')?.[1];
  const lines = named ? all.slice(1) : all;
  if (lines.length < 3) return false;
  return (named ? [named] : [',', '\t', ';', '|']).some((separator) => {
    const counts = lines.slice(0, 100).map((line) => withoutQuoted(line).split(separator).length - 1);
    const usual = counts[0]!;
    const even = counts.filter((count) => count === usual).length / counts.length;
    // Prose has commas too, but their number varies.
    return (
      usual >= 1 &&
      even > (usual === 1 ? 0.95 : 0.8) &&
      (separator !== '|' || !lines[0]!.startsWith('|')) &&
      (isNamed || share(lines, (line) => /[.!?;{]$/.test(line) && separator !== ';') < 0.2)
    );
  });
}
const withoutQuoted = (line: string) => line.replace(/"(?:[^"]|"")*"/g, '""');

/** Field names that look like speakers. */
const fieldName =
  /^(?:files?|licen[cs]e|copyright|comments?|source|upstream.*|format|notes?|warning|example|date|version|subject|to|from|cc|title|authors?|see also|returns?|param\w*|args|raises|start-date|end-date|commandline|install|upgrade|error|info|todo|fixme|https?)$/i;

function looksLikeTranscript(lines: readonly string[]): boolean {
  const names = new Map<string, number>();
  let turns = 0;
  for (const line of lines) {
    const name = turn.exec(line.slice(0, 160))?.[1]?.trim();
    if (!name || !/^[\p{Lu}\p{Lo}]/u.test(name) || name.split(' ').length > 4 || fieldName.test(name)) continue;
    turns++;
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  const repeated = [...names.values()].filter((count) => count > 1).length;
  return turns >= 4 && turns / lines.length > 0.15 && repeated >= 2 && names.size <= turns / 2 + 1;
}

const legalWords =
  /\b(?:hereby|herein(?:after)?|thereof|pursuant to|notwithstanding|shall (?:not|be|have)|indemnif\w+|governing law|in witness whereof|the (?:parties|licensor|licensee|lessee|lessor)|GmbH|im Sinne des|gemäß §|ci-après)\b/gi;
const paperWords =
  /^\s{0,8}(?:#+\s*)?(?:\d\.?\s+)?(?:abstract|introduction|related work|references|bibliography|acknowledge?ments|theorem \d|lemma \d|proof\.|conclusions?)\b/gim;

function looksLegal(text: string): boolean {
  const words = text.length / 6;
  const terms = text.match(legalWords)?.length ?? 0;
  if (terms >= 5 && terms / words > 1 / 150) return true;
  const sections = new Set(
    text.match(paperWords)?.map((word) =>
      word
        .trim()
        .toLowerCase()
        .replace(/[^a-z ]/g, '')
        .trim(),
    ),
  );
  return sections.has('abstract') && (sections.has('introduction') || sections.size > 2);
}

function withoutFences(lines: readonly string[]): string[] {
  let fenced = false;
  return lines.filter((line) => {
    const fence = /^\s{0,3}```/.test(line);
    if (fence) fenced = !fenced;
    return fence || !fenced;
  });
}

function looksLikeMarkdown(text: string): boolean {
  const lines = withoutFences(text.split('\n', 1000).map((line) => line.slice(0, 400).trimEnd()));
  const near = (index: number, offset: number) => lines[index + offset] ?? '';
  // Rows of # are a comment.
  const headings = lines.filter(
    (line, index) => /^#{1,6} \S/.test(line) && near(index, -1) === '' && !/^#(?:\s|$)/.test(near(index, 1)),
  ).length;
  const underlines = lines.filter(
    (line, index) => /^(?:={4,}|-{4,}|~{4,})$/.test(line) && Math.abs(near(index, -1).length - line.length) < 3,
  ).length;
  const marks = lines.filter((line) =>
    /^```|^\s*[-*] \S|\]\([^\s()]+\)|^\|.*\|$|\*\*\S|^> |^\.\. \w+::/.test(line),
  ).length;
  const filled = lines.filter(Boolean).length;
  return (headings + underlines > 0 && headings + underlines + marks >= 3) || marks / filled > 0.3;
}
