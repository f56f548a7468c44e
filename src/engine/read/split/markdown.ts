import { readHead, measureIndent, isBlank, rank, shorten, type Splitter } from './splitter.ts';

const languages = new Set(['markdown', 'mdx', 'restructuredtext', 'asciidoc', 'latex', 'tex', 'quarto', 'rmd', 'org']);
const atx = /^ {0,3}(#{1,6})\s+(?!\s)((?:.*[^\s#])?)[\s#]*$/;
const asciidoc = /^(={2,6})\s+(\S.*)$/;
const latex = /^\s*\\(part|chapter|section|subsection|subsubsection)\*?\{([^}]*)\}?/;
const latexLevels = ['part', 'chapter', 'section', 'subsection', 'subsubsection'];
const underline = /^([=\-~^"'`#*+.:_])\1{2,}\s*$/;
const fence = /^\s{0,12}(`{3,}|~{3,})/;

const rankOfLevel = (level: number) =>
  level <= 1 ? rank.top : level === 2 ? rank.large : level === 3 ? rank.middle : rank.small;

/** Cuts at headings, then paragraphs; keeps fenced code whole if it fits. Also for reStructuredText, AsciiDoc and LaTeX. */
export const markdown: Splitter = {
  id: 'markdown',
  accepts: ({ kind, languageId }) => kind === 'markdown' || (kind !== 'code' && languages.has(languageId ?? '')),
  open({ languageId }, { setRank, mark }) {
    const restructured = languageId === 'restructuredtext';
    const levels: string[] = [];
    let open = '';
    let blank = true;
    let listed = false;
    let before = { line: -1, title: '', blank: true };
    const heading = (line: number, level: number, title: string) => {
      setRank(line, rankOfLevel(level));
      mark(line, level, shorten(title));
    };
    const underlined = (line: number, sign: string) => {
      const level = restructured ? findLevel(levels, sign) : sign === '=' ? 1 : 2;
      heading(before.line, level, before.title);
      setRank(line, rank.never);
    };
    return (text, start, end, line) => {
      const content = readHead(text, start, end, 300);
      const ticks = fence.exec(content)?.[1];
      if (open) {
        setRank(line, isBlank(text, start, end) ? rank.never : blank ? rank.line : rank.never);
        blank = isBlank(text, start, end);
        if (ticks && ticks.startsWith(open) && content.trim() === ticks) open = '';
        before = { line: -1, title: '', blank: false };
        return;
      }
      const empty = isBlank(text, start, end);
      const hashes = atx.exec(content);
      const command = languageId === 'latex' || languageId === 'tex' ? latex.exec(content) : null;
      const equals = languageId === 'asciidoc' ? asciidoc.exec(content) : null;
      const rule = empty ? null : underline.exec(content);
      if (ticks) {
        open = ticks.slice(0, 3).length === 3 ? ticks : '';
        setRank(line, blank ? rank.blank : rank.sentence);
      } else if (hashes && !restructured) heading(line, hashes[1]!.length, hashes[2]!);
      else if (command) heading(line, latexLevels.indexOf(command[1]!), command[2]!);
      else if (equals) heading(line, equals[1]!.length, equals[2]!);
      else if (
        rule &&
        before.line === line - 1 &&
        before.title &&
        (restructured || (before.blank && /[=-]/.test(rule[1]!)))
      )
        underlined(line, rule[1]!);
      else setRank(line, rankOfText(text, start, end, { empty, blank, listed }));
      if (!empty) listed = /^\s*(?:[-*+]|\d+[.)])\s/.test(content) || (listed && measureIndent(text, start, end) > 1);
      before = empty || ticks || hashes || rule ? { line: -1, title: '', blank } : { line, title: content, blank };
      blank = empty;
    };
  },
};

function rankOfText(
  text: string,
  start: number,
  end: number,
  about: { empty: boolean; blank: boolean; listed: boolean },
): number {
  if (about.empty) return rank.line;
  if (measureIndent(text, start, end) >= 2) return about.blank ? rank.sentence : rank.line;
  if (about.blank) return about.listed ? rank.blank : rank.paragraph;
  return /^(?:[-*+]|\d+[.)])\s/.test(readHead(text, start, end, 12)) ? rank.sentence : rank.line;
}

/** The level of a reStructuredText underline is its order of appearance. */
function findLevel(levels: string[], sign: string): number {
  const known = levels.indexOf(sign);
  if (known >= 0) return known + 1;
  levels.push(sign);
  return levels.length;
}
