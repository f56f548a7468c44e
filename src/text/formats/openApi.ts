/** Reads OpenAPI and Swagger, as JSON or YAML: operations and what they do. The text itself is sent to models. */
import type { FormatPoint } from '../../engine/source.ts';
import { plural, point, splitLines, type Format } from './format.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly line: number;
  summary: string;
  isDeprecated: boolean;
}

const methods = /^(?:get|put|post|delete|options|head|patch|trace)$/;
const maxListed = 80;
/** YAML, or JSON with one key per line. */
const keyLine = /^(\s{0,40})(?:"([^"\n]{1,300})"|'([^'\n]{1,300})'|([^\s"'#{}[\],:][^"'#:\n]{0,300}))\s?:(?=\s|$)/;

/** OpenAPI and Swagger, JSON or YAML. */
export const openApi: Format = {
  id: 'openapi',
  accepts: ({ text }) =>
    /^\s{0,8}["']?(?:openapi|swagger)["']?\s?:\s?["']?[1-3]\.\d/m.test(text.slice(0, 8000)) &&
    /["']?paths["']?\s?:/.test(text),
  read(text) {
    const lines = splitLines(text);
    const fields = lines.flatMap((line, i) => {
      const found = keyLine.exec(line);
      if (!found) return [];
      const value = line
        .slice(found[0].length)
        .trim()
        .replace(/,$/, '')
        .replace(/^["']|["']$/g, '');
      return [{ indent: found[1]!.length, key: (found[2] ?? found[3] ?? found[4])!.trim(), value, line: i + 1 }];
    });
    const at = fields.findIndex(({ key, value }) => key === 'paths' && /^\{?$/.test(value));
    const paths = fields[at];
    if (!paths) return undefined;
    const end = fields.findIndex(({ indent }, i) => i > at && indent <= paths.indent);
    const inner = fields.slice(at + 1, end < 0 ? fields.length : end);
    const pathIndent = Math.min(...inner.map(({ indent }) => indent));
    const operations = listOperations(inner, pathIndent);
    if (operations.length === 0) return undefined;
    const info = (key: string): string =>
      fields.find(
        (one, i) =>
          one.key === key &&
          one.indent > paths.indent &&
          fields.slice(0, i).findLast(({ indent }) => indent === paths.indent)?.key === 'info',
      )?.value ?? '';
    const count = inner.filter(({ indent, key }) => indent === pathIndent && key.startsWith('/')).length;
    const deprecated = operations.filter(({ isDeprecated }) => isDeprecated).length;
    const version = info('version');
    const points: FormatPoint[] = [
      point(
        [
          `Interface “${info('title')}”${version ? ` ${version}` : ''}: ${plural(operations.length, 'operation')} on ${plural(count, 'path')}${deprecated > 0 ? `, ${deprecated} deprecated` : ''}.`,
        ],
        fields[0]!.line,
        { weight: 10 },
      ),
      ...operations.slice(0, maxListed).map(({ method, path, summary, isDeprecated, line }) =>
        point(
          [
            { code: `${method.toUpperCase()} ${path}` },
            summary ? `: ${summary}` : '',
            isDeprecated ? ' (deprecated)' : '',
          ],
          line,
          {
            section: 'Operations',
            weight: 2,
          },
        ),
      ),
    ];
    return { kind: 'config', points };
  },
};

function listOperations(
  fields: readonly { indent: number; key: string; value: string; line: number }[],
  pathIndent: number,
): Operation[] {
  const operations: Operation[] = [];
  let path = '';
  let methodIndent = 0;
  let inOperation = false;
  let ownIndent = 0;
  for (const { indent, key, value, line } of fields) {
    if (indent === pathIndent) {
      path = key;
      methodIndent = 0;
      inOperation = false;
      continue;
    }
    methodIndent ||= indent;
    if (indent === methodIndent) {
      inOperation = path.startsWith('/') && methods.test(key);
      ownIndent = 0;
      if (inOperation) operations.push({ method: key, path, line, summary: '', isDeprecated: false });
    } else if (inOperation) {
      ownIndent ||= indent;
      const open = operations.at(-1)!;
      if (indent === ownIndent && key === 'summary') open.summary = value;
      if (indent === ownIndent && key === 'deprecated') open.isDeprecated = value === 'true';
    }
  }
  return operations;
}
