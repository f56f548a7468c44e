/** Comments of source code: what they say, and which of them says what a file is for. */
import { type Line, shorten } from '../../offline/view.ts';
import type { Purpose } from './outlineTypes.ts';

/** Words of licence headers. */
export const licence =
  /copyright|licen[cs]e|all rights reserved|spdx|permission is hereby|warrant|redistribut|http:\/\/www\.apache/i;
/** Start of a line's comment, in any language. */
export const commentStart =
  /^\s*(?:\/\/[/!]?|\/\*+!?|\*+(?!\/)|#+(?!!|\[|\s*(?:include|define|if|ifdef|ifndef|else|elif|endif|pragma|region|undef|error|warning)\b)|--+(?![\w>])|;+|"""|'''|%+(?=\s|%|$)|<!--|\{-(?!#)|\(\*|=begin\b|@(?:module|type)?doc\s+(?:~[sS])?"(?:"")?)\s?/;

/** Ends a comment that `text` begins and leaves open; '' where it does not. */
export function findCommentEnd(text: string): string {
  const opener = /^(?:\/\*|"""|'''|\{-(?!#)|\(\*|<!--|--\[\[|=begin\b|@(?:module|type)?doc\s+(?:~[sS])?""")/.exec(
    text,
  )?.[0];
  if (opener === undefined) return '';
  const end = opener.endsWith('"""') ? '"""' : (enders[opener] as string);
  return text.slice(opener.length).includes(end) ? '' : end;
}

const enders: Readonly<Record<string, string>> = {
  '/*': '*/',
  "'''": "'''",
  '{-': '-}',
  '(*': '*)',
  '<!--': '-->',
  '--[[': ']]',
  '=begin': '=end',
};

const closers = /(?<!\s)\s*(?:(?<!\*)\*+\/|-->|"""|'''|-\}|\*\)|\]\])\s*$/;
/** Labels of documentation that say nothing of the content. */
const labels =
  /^(?:@\w+|:\w+|Args:|Parameters?:|Returns?:|eslint|tslint|prettier|!\/|-\*-|vim:|noqa|type:|pylint|- (?:Returns|Parameters?)\b|<(?:inheritdoc|param|typeparam|returns|exception|value)\b|MARK:|[\w ]{1,20}::(?:\s|$)|(?:Module|Copyright|License|Maintainer|Stability|Portability)\s*:)/;

/** The first sentence of a comment, without its marks. */
export function findFirstSentence(lines: readonly string[], most = 200): string {
  const words: string[] = [];
  for (const line of lines) {
    const text = line
      .replace(commentStart, '')
      .replace(/^[rRuU]?("""|''')/, '')
      .replace(closers, '')
      .replace(/^(?:[|^]\s|\\brief\b|@brief\b)\s*/, '')
      .replace(/^\/?\s*<\/?(?:summary|remarks|para)>\s*/, '')
      .replace(/<\/(?:summary|remarks|para)>/, '')
      .trim();
    if (
      text === '' ||
      text === '/' ||
      /^[-=*#_~/]{3,}$/.test(text) ||
      labels.test(text) ||
      (words.length === 0 && magic.test(text))
    ) {
      if (words.length > 0) break;
      continue;
    }
    words.push(text);
    if (/[.!?。]$/.test(text) || words.join(' ').length > most) break;
  }
  const joined = stripMarkup(words.join(' '));
  const sentence = /^.{20,}?[.!?。](?=\s+[\p{Lu}`"(]|$)/u.exec(joined)?.[0] ?? joined;
  return shorten(sentence, most);
}

const stripMarkup = (text: string): string =>
  text
    .replace(/\{@(?:link|code|linkplain|literal|value) #?([^{}]+)\}/g, '$1')
    .replace(/<see (?:cref|langword)="(?:\w:)?([^"]+)"\s*\/?>(?:<\/see>)?/g, '$1')
    .replace(/<\/?(?:p|b|i|em|strong|code|tt|a|c|pre|br|typeparamref|paramref)(?:\s[^<>]{0,120})?\/?>/gi, '')
    .replace(/\[([^[\]]{1,60})\](?:\[[^[\]]{1,80}\]|\([^()]{1,200}\))/g, '$1')
    .trim();

/** Comments for tools and editors, and headings of sections. */
const magic =
  /^(?:frozen_string_literal|warn_indent|encoding:|coding:|-\*-|vim?:|@flow|@ts-|@jsx|@license|@preserve|@generated|eslint|jshint|jslint|globals? [\w$]+(?:, ?[\w$]+)*\s*$|prettier|tslint|istanbul|rubocop|pylint|noqa|mypy|(?:(?:(?:module|external) )?dependencies|standard library|third[- ]party|imports?|constants|functions|helpers|types)\W*$|use strict|<reference|region\b|shellcheck|clang-format|go:build|\+build|syntax[:=]|swift-tools-version|swiftlint|\w*lint:|ktlint|typed:|@?authors?\b|created (?:by|on)\b|\\?date:|@?version\b|@?since\b|@package\b|usage:|todo\b|fixme\b|=+$|-+$|[~*#^]{3,}$|<auto-?generated|(?:code |this (?:code|file) (?:is|was) )?(?:auto-?)?(?:matically )?generated\b|\{-#)/i;
const fileName = /^[\w./\\-]{1,60}\.\w{1,20}$/;
const field =
  /^(?:#\s*include\b|\w+: version\b)|^(?:Module|Copyright|License|Maintainer|Stability|Portability)\s*:|^[\w ]{1,20}::(?:\s|$)/;

/** First sentence of a comment that is no licence or instruction. */
function cleanPurpose(block: readonly Line[]): string {
  const paragraphs: string[][] = [[]];
  for (const { text } of block) {
    const bare = text
      .replace(commentStart, '')
      .replace(/^[rRuU]?(?:"""|''')/, '')
      .replace(/^[@\\](?:fileoverview|file|module|brief|overview|description)\b/, '')
      .replace(/^\|\s/, '')
      .replace(/^Description\s*:/, '')
      .replace(closers, '')
      .trim();
    const isFirst = paragraphs.at(-1)?.length === 0;
    const isLabel = fileName.test(bare) || field.test(bare) || (isFirst && magic.test(bare));
    if (bare === '' || bare === '*/' || bare === '/' || isLabel) paragraphs.push([]);
    else (paragraphs[paragraphs.length - 1] as string[]).push(bare);
  }
  let isBanner = false;
  for (const paragraph of paragraphs) {
    const isLicence = licence.test(paragraph.join(' '));
    // Text after a licence in the same comment belongs to it, unless it describes the file.
    if (
      isLicence ||
      (isBanner && /^[A-Z\s\d"',.():-]{40}|^The above\b|^(?:IN NO EVENT|THE SOFTWARE)/.test(paragraph.join(' ')))
    ) {
      isBanner = true;
      continue;
    }
    const text = findFirstSentence(paragraph, 280);
    if (text.length >= 15 && /\s/.test(text)) return text;
  }
  return '';
}

/** Lines that stand before what a file defines. */
const preamble =
  /^(?:#!|["']use |<\?php|package\b|import\b|from\s|#\s*\w|use\s|using\s|namespace\b[^{]*[;{]?$|declare\b|pragma\b|extern\s+"C"|\{-#|require\b|(?:const|let|var)\s.*=\s*require\(|module\s+[A-Z][\w.]*|set -|@file:|"|\)|\})/;

/**
 * The top comment, without licences.
 * @returns with the line of the definition that it stands on, where it stands on one
 */
export function findPurpose(lines: readonly Line[]): { readonly purpose?: Purpose; readonly above?: number } {
  let block: Line[] = [];
  let end = '';
  for (const [i, line] of lines.slice(0, 120).entries()) {
    const trimmed = line.text.trim();
    if (trimmed.startsWith('#!')) continue;
    if (end !== '' || commentStart.test(line.text)) {
      block.push(line);
      end = end === '' ? findCommentEnd(trimmed) : trimmed.includes(end) ? '' : end;
      if (end !== '' || !/(?:\*\/|-\}|\*\))$/.test(trimmed)) continue;
    }
    const text = cleanPurpose(block);
    // A comment on a statement is that one's.
    const next = block.includes(line) ? (lines[i + 1]?.text.trim() ?? '') : trimmed;
    const isModule = /^\s*(?:\/\/!|\/\*!|"""|'''|[rRuU]"""|\/\*\*?\s*@(?:file|module|fileoverview))/.test(
      block[0]?.text ?? '',
    );
    if (text !== '' && !/^["']use strict/.test(trimmed)) {
      const purpose = {
        text,
        startLine: (block[0] as Line).line,
        endLine: (block[block.length - 1] as Line).line,
      };
      if (isModule || next === '' || preamble.test(next) || commentStart.test(next)) return { purpose };
      return { purpose, above: (block.includes(line) ? lines[i + 1] : line)?.line ?? 0 };
    }
    block = [];
    if (
      trimmed !== '' &&
      !preamble.test(trimmed) &&
      !commentStart.test(line.text) &&
      !/^[\s\w.,{}()*\-\\'"/]*$/.test(trimmed)
    )
      break;
  }
  return {};
}
