/** Converts LaTeX, org, AsciiDoc, reStructuredText and man pages to Markdown, line by line. */

export type Dialect = 'latex' | 'org' | 'asciidoc' | 'restructuredtext' | 'roff' | 'man';

const names: readonly (readonly [RegExp, Dialect])[] = [
  [/\.(?:tex|ltx|latex)$/i, 'latex'],
  [/\.org$/i, 'org'],
  [/\.(?:adoc|asciidoc|asc)$/i, 'asciidoc'],
  [/\.(?:rst|rest)$/i, 'restructuredtext'],
];
const signs: readonly (readonly [RegExp, Dialect])[] = [
  [/^\s{0,8}\\(?:documentclass|begin\{document\}|(?:sub)*section\*?\{|chapter\*?\{|usepackage)/m, 'latex'],
  [/^\.(?:TH|Dd) /m, 'roff'],
  [
    /^[A-Z][\w.:+-]{0,40}\(\d\w{0,8}\)\s{2,200}\S.{0,200}\s{2,200}[A-Z][\w.:+-]{0,40}\(\d\w{0,8}\)\s*\n|^NAME\n {2,8}\S.{0,200}\n(?:.{0,200}\n){0,12}(?:SYNOPSIS|DESCRIPTION)\n/m,
    'man',
  ],
  [/^#\+(?:TITLE|AUTHOR|DATE|OPTIONS|BEGIN_SRC|STARTUP|FILETAGS):? ?/im, 'org'],
  [/^\.\. (?:[\w-]{2,40}::|_[^:\n]{1,80}:)/m, 'restructuredtext'],
];

/** Detects the dialect by name, else by the start; undefined for other text. */
export function detectDialect(title: string, head: string): Dialect | undefined {
  const named = names.find(([form]) => form.test(title))?.[1];
  if (named || /\.(?:md|markdown|mdx)$/i.test(title)) return named;
  if (/^= \S/m.test(head) && /^(?:={2,5} \S|:[\w-]{1,40}:(?:\s|$))/m.test(head)) return 'asciidoc';
  return signs.find(([form]) => form.test(head))?.[1];
}

/** Returns a line for each given one: headings as `#`, layout commands removed, '' for lines without text. */
export function toMarkdown(lines: readonly string[], dialect: Dialect): string[] {
  return readers[dialect](lines);
}

const readers: Readonly<Record<Dialect, (lines: readonly string[]) => string[]>> = {
  latex: fromLatex,
  org: fromOrg,
  asciidoc: fromAsciidoc,
  restructuredtext: fromRst,
  roff: fromRoff,
  man: fromMan,
};

const hashes = (level: number): string => '#'.repeat(Math.max(1, Math.min(6, level)));

const latexHeading = /^\s*\\(part|chapter|section|subsection|subsubsection|paragraph)\*?(?:\[[^\]\n]{0,200}\])?\{/;
const latexLevels = ['part', 'chapter', 'section', 'subsection', 'subsubsection', 'paragraph'];
const noText =
  /^(?:equation|align|gather|multline|eqnarray|displaymath|math|verbatim|lstlisting|minted|tikzpicture|tabular|tabularx|array|thebibliography|figure|table|algorithm|algorithmic|comment)\*?$/;

function fromLatex(lines: readonly string[]): string[] {
  let inBody = !lines.some((line) => line.includes('\\begin{document}'));
  let hidden = '';
  return lines.map((line) => {
    const title = /^\s*\\title(?:\[[^\]\n]{0,200}\])?\{/.exec(line);
    if (title) return `# ${plainLatex(argument(line, title[0].length))}`;
    if (line.includes('\\begin{document}')) inBody = true;
    if (line.includes('\\end{document}')) inBody = false;
    if (!inBody) return '';
    const begin = /\\begin\{(\w{1,40}\*?)\}/.exec(line)?.[1];
    if (hidden !== '') {
      if (line.includes(`\\end{${hidden}}`)) hidden = '';
      const caption = /\\caption\{/.exec(line);
      return caption ? plainLatex(argument(line, caption.index + caption[0].length)) : '';
    }
    if (begin === 'abstract') return '## Abstract';
    if (begin && noText.test(begin)) {
      if (!line.includes(`\\end{${begin}}`)) hidden = begin;
      return '';
    }
    const heading = latexHeading.exec(line);
    if (heading)
      return `${hashes(latexLevels.indexOf(heading[1]!) + 1)} ${plainLatex(argument(line, heading[0].length))}`;
    return plainLatex(line);
  });
}

/** Returns the text up to the brace that closes the one before `from`. */
function argument(line: string, from: number): string {
  let depth = 1;
  for (let at = from; at < line.length; at++) {
    if (line[at] === '{') depth++;
    if (line[at] === '}' && --depth === 0) return line.slice(from, at);
  }
  return line.slice(from);
}

function withoutComment(line: string): string {
  for (let at = line.indexOf('%'); at >= 0; at = line.indexOf('%', at + 1))
    if (line[at - 1] !== '\\') return line.slice(0, at);
  return line;
}

function plainLatex(line: string): string {
  return withoutComment(line)
    .replace(/\\item\b(?:\[([^\]\n]{0,100})\])?/g, '- $1 ')
    .replace(
      /\\(?:cite|label|ref|eqref|autoref|cref|Cref|pageref|index|input|include|bibliography|usepackage|vspace|hspace|includegraphics)[a-z]{0,10}\*?(?:\[[^\][{}\\\n]{0,100}\])?\{[^{}\\\n]{0,300}\}/g,
      '',
    )
    .replace(/\\(?:begin|end)\{[^{}\n]{0,60}\}(?:\[[^\]\n]{0,100}\])?/g, '')
    .replace(/\\(?:footnote|thanks)\{[^{}\n]{0,600}\}/g, '')
    .replace(/\\href\{[^{}\n]{0,300}\}/g, '')
    .replace(/\\[a-zA-Z]{1,40}\*?(?:\[[^\]\n]{0,100}\])?\s?/g, '')
    .replace(/\\([%&#_${}])/g, '$1')
    .replace(/[{}]/g, '')
    .replaceAll('``', '“')
    .replaceAll("''", '”')
    .replace(/---?/g, '–')
    .replaceAll('~', ' ')
    .trim();
}

function fromOrg(lines: readonly string[]): string[] {
  let hidden = false;
  return lines.map((line) => {
    const block = /^\s*#\+(begin|end)_(src|example|export|comment|quote)\b/i.exec(line);
    if (block) {
      if (block[2]!.toLowerCase() !== 'quote') hidden = block[1]!.toLowerCase() === 'begin';
      return '';
    }
    if (/^\s*:END:\s*$/i.test(line)) hidden = false;
    if (hidden) return '';
    if (/^\s*:(?:PROPERTIES|LOGBOOK):\s*$/i.test(line)) hidden = true;
    const title = /^#\+TITLE: ?(.*)$/i.exec(line);
    if (title) return `# ${title[1]}`;
    const heading = /^(\*{1,6}) (?!\s)(.*)$/.exec(line);
    if (heading) {
      const [, stars = '', text = ''] = heading;
      return `${hashes(stars.length + 1)} ${text
        .replace(/^(?:TODO|DONE|NEXT|WAITING|CANCELLED) /, '')
        .replace(/^\[#\w\] /, '')
        .replace(/ :[\w@:]{1,80}:$/, '')
        .trim()}`;
    }
    if (/^\s*(?:#\+|# |:\w+:|\|)/.test(line) || /^\s*(?:CLOSED|SCHEDULED|DEADLINE): /.test(line)) return '';
    return line
      .replace(/\[\[([^\][]{1,400})\]\[([^\][]{1,400})\]\]/g, '$2')
      .replace(/\[\[([^\][]{1,400})\]\]/g, '$1')
      .replace(/(^|[\s(])[=~]([^=~\n]{1,200})[=~](?=$|[\s.,;:)])/g, '$1`$2`')
      .replace(/(^|[\s(])[/*]([^/*\n]{1,200})[/*](?=$|[\s.,;:)])/g, '$1$2');
  });
}

function fromAsciidoc(lines: readonly string[]): string[] {
  let block = '';
  return lines.map((line, i) => {
    const fence = /^(?:-{4,}|\.{4,}|\/{4,}|\+{4,}|={4,}|\*{4,}|_{4,}|\|===)\s*$/.exec(line)?.[0].trim() ?? '';
    if (block !== '') {
      if (fence === block) block = '';
      return '';
    }
    // examples, side bars and quotations contain text
    if (fence !== '') {
      if (/^[-./+|]/.test(fence)) block = fence;
      return '';
    }
    const heading = /^(={1,6}) (\S.*)$/.exec(line);
    if (heading) return `${hashes(heading[1]!.length)} ${heading[2]}`;
    if (
      /^(?::[\w!-]{1,60}:|\/\/|\[[^\]]{0,300}\]\s*$|include::|image::|toc::|ifdef::|ifndef::|endif::|<<<|'''|\+\s*$)/.test(
        line,
      )
    )
      return '';
    if (/^\.[A-Za-z]/.test(line) && lines[i + 1] !== undefined) return '';
    return line
      .replace(/^[*.]{1,5} (?=\S)/, '- ')
      .replace(
        /(?<![^\s(])(?:link:|xref:|(?=https?:))([^\s[\]]{1,300})\[([^\][\n]{0,200})\]/g,
        (_, to: string, label: string) => label || to,
      )
      .replace(/<<[^<>\n,]{1,100}(?:,([^<>\n]{1,200}))?>>/g, '$1')
      .replace(/^(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION): /, '');
  });
}

const adornment = /^([=\-~^"'`#*+.:_<>])\1{2,}\s*$/;

function fromRst(lines: readonly string[]): string[] {
  const levels: string[] = [];
  const out = [...lines];
  let hidden = -1;
  const getLevel = (sign: string): number => {
    if (!levels.includes(sign)) levels.push(sign);
    return levels.indexOf(sign) + 1;
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const indent = line.length - line.trimStart().length;
    if (hidden >= 0 && (line.trim() === '' || indent > hidden)) {
      out[i] = '';
      continue;
    }
    hidden = -1;
    const under = adornment.exec(lines[i + 1] ?? '')?.[1];
    const over = adornment.exec(lines[i - 1] ?? '')?.[1];
    if (
      under &&
      line.trim() !== '' &&
      !adornment.test(line) &&
      (lines[i + 1] ?? '').trimEnd().length >= line.trim().length
    ) {
      const isOver = over === under;
      out[i] = `${hashes(getLevel(isOver ? `${under}${under}` : under))} ${line.trim()}`;
      if (isOver) out[i - 1] = '';
      out[i + 1] = '';
      i++;
    } else if (
      /^\s*\.\. (?:note|warning|tip|important|admonition|versionadded|versionchanged|deprecated|seealso)::/.test(line)
    )
      out[i] = line.replace(/^\s*\.\. [\w-]{1,40}:: ?/, '');
    else if (/^\s*\.\.(?: |$)/.test(line)) {
      out[i] = '';
      hidden = indent;
    } else {
      out[i] = line
        .replace(
          /(?<![^\s(]):[\w:+-]{1,40}:`([^`\n]{1,300})`/g,
          (_, text: string) => `\`${text.split('<')[0]!.trim()}\``,
        )
        .replace(/`([^`<\n]{1,200}) <[^>`\n]{1,300}>`__?/g, '$1')
        .replace(/``([^`\n]{1,200})``/g, '`$1`')
        .replace(/::\s*$/, ':');
      if (/::\s*$/.test(line)) hidden = indent;
      if (/^:[\w -]{1,40}:/.test(line)) out[i] = '';
    }
  }
  return out;
}

const roffEscapes: readonly (readonly [RegExp, string])[] = [
  [/\\f(?:[A-Z]|\(..|\[[^\]]{0,20}\])/g, ''],
  [/\\\((?:em|en)|\\\[(?:em|en)\]/g, '–'],
  [/\\\((?:aq|cq|oq)|\\\[(?:aq|cq|oq)\]/g, "'"],
  [/\\\((?:lq|rq|dq)|\\\[(?:lq|rq|dq)\]/g, '"'],
  [/\\\((?:bu|co|rg)|\\\[(?:bu|co|rg)\]/g, ''],
  [/\\\[u2026\]/g, '…'],
  [/\\[hvw]'[^'\n]{0,40}'/g, ''],
  [/\\s[-+]?\d/g, ''],
  [/\\[&|^:/,%]/g, ''],
  [/\\-/g, '-'],
  [/\\e/g, '\\'],
];
const plainRoff = (text: string): string =>
  roffEscapes.reduce((plain, [form, by]) => plain.replace(form, by), text.split('\\"', 1)[0]!).trim();

function fromRoff(lines: readonly string[]): string[] {
  let hidden = false;
  return lines.map((line) => {
    const [, request = '', rest = ''] = /^[.'][ \t]{0,8}([A-Za-z]{1,3}|\\")(.*)$/.exec(line) ?? [];
    if (request === '') return hidden || /^[.']/.test(line) ? '' : plainRoff(line);
    const text = plainRoff(rest.replaceAll('"', ''));
    if (/^(?:nf|EX|TS|Bd)$/.test(request)) hidden = true;
    if (/^(?:fi|EE|TE|Ed)$/.test(request)) hidden = false;
    if (hidden) return '';
    if (/^(?:TH|Dt)$/.test(request)) return `# ${text.split(/\s+/).slice(0, 2).join(' ')}`;
    if (/^(?:SH|Sh)$/.test(request)) return `## ${text}`;
    if (/^(?:SS|Ss)$/.test(request)) return `### ${text}`;
    if (request === 'Nd') return `– ${text}`;
    if (/^(?:B|I|BR|IR|RB|RI|BI|IB|SM|SB|Nm|Fl|Ar|Pa|Cm|Ic|Em|Sy|Xr|Dq|Sq|Li|Va|Ev)$/.test(request)) return text;
    return '';
  });
}

function fromMan(lines: readonly string[]): string[] {
  return lines.map((line) => {
    if (/^[\w.:+-]{1,60}\(\d\w{0,8}\)\s/.test(line)) return '';
    if (/^[A-Z][A-Z0-9 ,/-]{2,60}$/.test(line.trimEnd())) return `## ${line.trim()}`;
    if (/^ {2,4}[A-Z][\w ,/-]{2,60}$/.test(line.trimEnd())) return `### ${line.trim()}`;
    return line.trim();
  });
}
