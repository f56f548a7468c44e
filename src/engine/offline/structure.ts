/** Finds the sections and paragraphs of a text. Omits code, tables, badges, lists of links and boilerplate. */
import type { Yield } from '../ports.ts';
import type { Block } from './sentences.ts';
import { toPlain } from './sentences.ts';
import type { Line } from './view.ts';

/** A section of a document. */
export interface Section {
  /** Heading; '' for text before the first one. */
  readonly title: string;
  /** Level of the heading from 1; 0 for text before the first one. */
  readonly level: number;
  readonly line: number;
  /** `own`: the text describes itself, as in an abstract. `boilerplate`: left out of summaries. */
  readonly role: 'own' | 'body' | 'boilerplate';
}

const heading = /^ {0,3}(#{1,6})(?:\s+(?!\s)(.*[^\s#]))?[\s#]*$/;
const namedHeading =
  /^(?:chapter|part|section|book|act|scene|kapitel|teil|abschnitt|chapitre|cap[ií]tulo)\s+[\dIVXLC]+\b.{0,80}$|^第.{1,6}[章节節回部编].{0,60}$/i;
const numberedHeading = /^(?:[IVXLC]{1,6}|\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\p{Lu}.{2,60}[^,;:.]$/u;
const fence = /^\s*(`{3,}|~{3,})/;

const own =
  /^(?:abstract|(?:executive |short |plain[- ]language )?summary|summary of .{1,30}|tl;?\s?dr|overview|synopsis|in (?:brief|short)|at a glance|key (?:points|takeaways|findings)|zusammenfassung|kurzfassung|kurz(?:gefasst|überblick)|überblick|résumé|synthèse|en bref|sommaire exécutif|resumen(?: ejecutivo)?|sinopsis|en resumen|resumo(?: executivo)?|sinopse|riassunto|概要|要約|要旨|摘要|总结|簡介|简介)$/i;
const boilerplate =
  /^(?:licen[cs](?:e|es|ing|ia|ias|a)|licence|lizenz(?:en)?|copyright(?: notice)?|references?|bibliograph\p{L}*|works cited|further reading|external links|see also|notes|footnotes|literatur(?:verzeichnis)?|weblinks?|einzelnachweise|quellen|siehe auch|belege|références|notes et références|liens externes|voir aussi|referencias|bibliografía|enlaces externos|véase también|referências|(?:table of )?contents|toc|inhalt(?:sverzeichnis)?|table des matières|sommaire|índice|contenido|sumário|目次|目录|sponsor\p{L}*|(?:our )?(?:backers|supporters|contributors|authors?|maintainers?|team|credits)|acknowledge?ments?|thanks(?: to)?|danksagung|remerciements|agradecimientos|contribut\p{L}+(?: .{0,20})?|code of conduct|support(?: us| the project)?|donat\p{L}*|funding|security(?: policy)?|change ?log|release (?:notes|history)|history|badges|related(?: projects| packages)?|people|stargazers.*|参考文献|許可|ライセンス|许可证|贡献)$/iu;
/** Headings that are boilerplate in a readme but not in other texts. */
const ofPackages = /^(?:history|security|support|notes|people|team|related|quellen|authors?|summary of .*)\b/iu;

const linkDefinition = /^\s*\[[^\]]+\]:\s*\S/;
const tocEntry = /^\s*(?:[-*+]|\d+[.)])\s*\[[^\]]*\]\(#[^)]*\)\s*$/;
const foldMarker = /^\[.{0,160}(?:not told here|told in one line|removed lines moved).{0,160}\]$/;
const noise = [
  /^(?:licen[cs]e|lizenz)\b.{0,60}$/i,
  /&copy;|©|\[!\[|shields\.io|npm i(?:nstall)? |yarn add /i,
  /\ball rights reserved\b|\blicen[cs]ed under\b|\bcopyright (?:\(c\)|\d{4})|\(c\) (?:copyright )?\d{4}/i,
  /\b(?:released|distributed|available) under (?:the|an?) .{0,30}licen[cs]e/i,
  /project gutenberg|distributed proofread|transcriber['’]s note|this etext was produced/i,
  /\bbecome a (?:sponsor|backer)|\bsponsor(?:ed by|s of|ing)\b|\bon patreon\b|\bopen collective\b|\bbuy me a coffee\b|\bdonat(?:e|ion)\b/i,
  /\btable of contents\b|\bsubscribe to\b|\bcookie policy\b|\bunsubscribe\b|\bconfidentiality notice\b/i,
  /\btidelift\b|\bstarchart\b|\bpull requests? (?:are )?welcome\b|\bfor enterprise\b/i,
  /\blizenziert unter\b|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados/i,
];

/** Whether a sentence could be in any text: a licence, an advertisement, a publisher's notice. */
export const isBoilerplate = (text: string): boolean => noise.some((form) => form.test(text)) || foldMarker.test(text);

/** Installation commands in a README's first lines. */
const install = /^\s*(?:```|\$ )?.{0,20}\b(?:npm (?:i|install)|pip install|cargo add|go get|gem install|yarn add)\b/;
const maxInstall = 2_000;
/** UTF-16 units. */
const sliceUnits = 100_000;

/** A longer line is a paragraph. */
const maxMarkup = 20_000;

/** Returns the sections in order, and the paragraphs with their sections. */
export async function readStructure(
  lines: readonly Line[],
  yieldNow: Yield,
): Promise<{ sections: Section[]; blocks: Block[] }> {
  const sections: Section[] = [{ title: '', level: 0, line: lines[0]?.line ?? 1, role: 'body' }];
  const blocks: Block[] = [];
  const isPackage = lines.slice(0, maxInstall).some(({ text }) => install.test(text));
  let open: Line[] = [];
  let inFence = '';
  const close = (): void => {
    if (open.length > 0) blocks.push({ section: sections.length - 1, lines: open });
    open = [];
  };
  let work = 0;
  for (const [i, line] of lines.entries()) {
    work += line.text.length + 20;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
    const mark = fence.exec(line.text)?.[1];
    if (inFence !== '') {
      if (mark?.startsWith(inFence)) inFence = '';
      continue;
    }
    if (mark) {
      close();
      inFence = mark;
      continue;
    }
    const title = findHeading(lines, i);
    if (title) {
      close();
      sections.push({ ...title, line: line.line, role: findRole(title, sections, isPackage) });
    } else if (addLine(line, lines[i - 1], open)) close();
  }
  close();
  return { sections, blocks };

  /** Adds a line; returns true if the paragraph ends before it. */
  function addLine(line: Line, before: Line | undefined, paragraph: Line[]): boolean {
    if (line.text.length > maxMarkup && /\S/.test(line.text)) {
      open.push(line);
      return false;
    }
    const text = line.text.trim();
    if (text === '' || linkDefinition.test(text) || tocEntry.test(text) || foldMarker.test(text)) return true;
    if (/^(?:[-=*_~]{3,}|\|.*\||<\/?[^>]+>|!?\[!?\[.*\)|!\[[^\]]*\]\([^)]*\))$/.test(text)) return true;
    // An indented line after an empty one is code in Markdown, unless it continues the paragraph.
    if (
      /^(?: {4}|\t)\S/.test(line.text) &&
      paragraph.length === 0 &&
      (before?.text.trim() ?? '') === '' &&
      /[;{}()=<>$]/.test(text)
    )
      return true;
    if (/^(?:[-*+]|\d{1,3}[.)])\s/.test(text)) close();
    open.push(line);
    return false;
  }
}

/** Except numbers, signs and a colon. */
const isBareTitle = (title: string): string => {
  const bare = title.replace(/[*_`:：]/g, '').trim();
  return bare.replace(/^[^\p{L}]+/u, '');
};

function findRole(
  title: { title: string; level: number },
  sections: readonly Section[],
  isPackage: boolean,
): Section['role'] {
  const name = isBareTitle(title.title);
  const parent = sections.findLast((section) => section.level < title.level);
  if (parent?.role === 'boilerplate' && parent.level > 1) return 'boilerplate';
  if (boilerplate.test(name) && (isPackage || !ofPackages.test(name))) return 'boilerplate';
  return own.test(name) ? 'own' : 'body';
}

function findHeading(lines: readonly Line[], i: number): { title: string; level: number } | undefined {
  const text = (lines[i] as Line).text;
  if (text.length > 200) return undefined;
  const marked = heading.exec(text);
  if (marked) return { title: toPlain(marked[2] ?? '').trim(), level: (marked[1] as string).length };
  const next = lines[i + 1]?.text ?? '';
  const trimmed = text.trim();
  const before = (lines[i - 1]?.text ?? '').trim();
  if (trimmed !== '' && before === '' && /^(?:={3,}|-{3,})\s*$/.test(next))
    return { title: toPlain(trimmed), level: next.startsWith('=') ? 1 : 2 };
  if (trimmed === '' || before !== '' || next.trim() !== '') return undefined;
  if (namedHeading.test(trimmed) || numberedHeading.test(trimmed) || own.test(isBareTitle(trimmed)))
    return { title: trimmed, level: /^\d+\.\d/.test(trimmed) ? 3 : 2 };
  return undefined;
}
