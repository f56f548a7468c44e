/**
 * Masks secrets in a stream with secretlint's rules and our own. Keeps lines. A secret always gets the same name, which does
 * not reveal it.
 */
import type { SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types';
import type { Hash } from '../../engine/ports.ts';
import { findByPatterns } from './secretPatterns.ts';
import type { Finding } from './patternChecks.ts';
import { findInCalls } from './callSecrets.ts';
import { endOfKey, findPrivateKeys } from './privateKeys.ts';
import { findCandidateLines, type Stretch } from './candidateLines.ts';
import { findInHtmlTables, findInTables, type OpenTable } from './secretColumns.ts';
import { findNamedSecrets } from './secretNames.ts';
import { findRandomTokens } from './randomTokens.ts';
import { findInRecords } from './secretRecords.ts';
import { createView, type View } from './secretViews.ts';

/** Takes pieces cut anywhere; returns the masked text. */
export interface Masker {
  push(piece: string): Promise<string>;
  end(): Promise<string>;
  /** Number of masked secrets; each occurrence counts. */
  readonly secrets: number;
}

/** UTF-16 units to examine together; fixed, so that results do not depend on the pieces. */
const windowSize = 128 * 1024;
/** UTF-16 units that are examined again with the next window, longer than any secret of one line. */
const overlap = 8 * 1024;
/** UTF-16 units before a window, which hold the name of a value. */
const leftContext = 256;

/** Without `filter-comments`, which lets a text switch masking off, and `gcp`, which hides whole files. */
const ruleNames: ReadonlySet<string> = new Set(
  [
    'aws', 'privatekey', 'npm', 'basicauth', 'slack', 'sendgrid', 'shopify', 'stripe', 'github', 'gitlab', 'grafana', 'openai', 'anthropic', 'groq',
    'huggingface', 'linear', 'notion', '1password', 'database-connection-string', 'hashicorp-vault', 'vercel', 'databricks', 'docker', 'figma',
    'cloudflare', 'tailscale',
  ].map((name) => `@secretlint/secretlint-rule-${name}`),
); // prettier-ignore

/** See `createSecretNamer`. */
export function createMasker(name: (secret: string) => string): Masker {
  let left = '';
  let buffer = '';
  let secrets = 0;
  let insideKey = false;
  let table: OpenTable | undefined;
  return {
    get secrets() {
      return secrets;
    },
    async push(piece) {
      buffer += piece;
      let out = '';
      while (buffer.length >= windowSize + overlap) out += await release(windowSize + overlap, false);
      return out;
    },
    end: () => release(buffer.length, true),
  };

  async function release(length: number, last: boolean): Promise<string> {
    const seen = buffer.slice(0, length);
    let start = 0;
    let out = '';
    if (insideKey) {
      // within a long private key: mask up to its end
      const stop = endOfKey(seen, 0);
      if (stop === undefined && !last) return take(length - overlap, maskLines('', seen.slice(0, length - overlap)));
      start = stop ?? seen.length;
      out = maskLines('', seen.slice(0, start));
      insideKey = false;
    }
    const text = left + seen;
    const found = [...(await findOnCandidateLines(text)), ...findPrivateKeys(text)];
    const tables = findInTables(seen, table);
    found.push(
      ...tables.findings.map((finding) => shift(finding, left.length)),
      ...findInHtmlTables(text),
      ...findInRecords(text),
    );
    const findings = merge(found, left.length + start, left.length);
    const cut = last ? seen.length : cutBefore(seen, Math.max(start, length - overlap), findings);
    // the rest is examined again, with its open table
    if (tables.findings.length || tables.open || table) table = findInTables(seen.slice(0, cut), table).open;
    let at = start;
    for (const finding of findings) {
      if (finding.start >= cut) break;
      const secret = seen.slice(finding.start, finding.end);
      out +=
        seen.slice(at, finding.start) + maskLines(name(secret), seen.slice(finding.start, Math.min(finding.end, cut)));
      at = Math.min(finding.end, cut);
      secrets++;
      // only a private key is longer than half a window
      if (finding.end > cut) insideKey = true;
    }
    return take(cut, out + seen.slice(at, cut));
  }

  function take(cut: number, out: string): string {
    left = (left + buffer.slice(0, cut)).slice(-leftContext);
    buffer = buffer.slice(cut);
    return out;
  }
}

/** Names secrets `‹secret-1a2b3c›`: stable on this installation, useless elsewhere. */
export function createSecretNamer(salt: string, hash: Hash): (secret: string) => string {
  // a log may repeat a secret thousands of times
  const known = new Map<string, string>();
  return (secret) => {
    let name = known.get(secret);
    if (name === undefined) {
      name = `‹secret-${hash(`${salt}\nsecret\n${secret}`).slice(0, 6)}›`;
      if (known.size < 1_000) known.set(secret, name);
    }
    return name;
  };
}

/** Returns the name with as many line ends as the secret. */
function maskLines(name: string, secret: string): string {
  return name + (secret.match(/\r\n?|\n/g) ?? []).join('');
}

/** Sorts findings, joins overlapping ones, and cuts them at `from`. */
function merge(findings: readonly Finding[], from: number, offset: number): Finding[] {
  const sorted = findings
    .filter((finding) => finding.end > from && finding.end > finding.start)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const out: { start: number; end: number }[] = [];
  for (const finding of sorted) {
    const start = Math.max(finding.start, from) - offset;
    const end = finding.end - offset;
    const previous = out.at(-1);
    if (previous && start < previous.end) previous.end = Math.max(previous.end, end);
    else out.push({ start, end });
  }
  return out;
}

/** Finds a place to cut after a line end, never inside a finding. */
function cutBefore(text: string, limit: number, findings: readonly Finding[]): number {
  const line = text.lastIndexOf('\n', limit - 1) + 1;
  let cut = line > limit / 2 ? line : limit;
  for (const finding of findings) {
    if (finding.start < cut && finding.end > cut) cut = finding.start > cut / 2 ? finding.start : cut;
  }
  // a surrogate pair stays together
  const code = text.charCodeAt(cut - 1);
  return code >= 0xd800 && code < 0xdc00 ? cut - 1 : cut;
}

type Rule = (source: SecretLintSourceCode, report: (finding: Finding) => void) => Promise<unknown> | unknown;
let rules: Promise<Rule[]> | undefined;

async function findOnCandidateLines(text: string): Promise<Finding[]> {
  rules ??= loadRules();
  const stretches = findCandidateLines(text);
  const suspect = stretches.map(({ start, end }) => text.slice(start, end)).join('');
  if (!suspect) return [];
  const found = findInText(suspect);
  const view = createView(suspect);
  if (view) {
    const seen = [
      ...findInText(view.text),
      ...findPrivateKeys(view.text),
      ...findInTables(view.text, undefined).findings,
      ...findInHtmlTables(view.text),
      ...findInRecords(view.text),
    ];
    found.push(...seen.map((finding) => placeInSource(finding, view)));
  }
  const source = toLintSource(suspect);
  for (const rule of await rules) {
    const pending = rule(source, (finding) => found.push(finding));
    if (pending instanceof Promise) await pending;
  }
  return found.length ? placed(found, stretches) : [];
}

function findInText(text: string): Finding[] {
  return [...findByPatterns(text), ...findNamedSecrets(text), ...findInCalls(text), ...findRandomTokens(text)];
}

const shift = ({ start, end }: Finding, by: number): Finding => ({ start: start + by, end: end + by });

const placeInSource = ({ start, end }: Finding, { starts, ends }: View): Finding => ({
  start: starts[start]!,
  end: ends[end - 1]!,
});

/** Maps findings in joined lines to the text; cuts them at line ends. */
function placed(found: readonly Finding[], stretches: readonly Stretch[]): Finding[] {
  const sorted = [...found].sort((a, b) => a.start - b.start);
  const out: Finding[] = [];
  let joined = 0;
  let i = 0;
  for (const { start, end } of sorted) {
    for (; start >= joined + length(stretches[i]!); i++) joined += length(stretches[i]!);
    const stretch = stretches[i]!;
    const from = stretch.start + start - joined;
    out.push({ start: from, end: Math.min(stretch.end, from + end - start) });
  }
  return out;
}

function length(stretch: Stretch): number {
  return stretch.end - stretch.start;
}

/** Loads the rules with the first text, because they are large. */
async function loadRules(): Promise<Rule[]> {
  const preset = await import('@secretlint/secretlint-rule-preset-recommend');
  const chosen = (preset.rules as readonly SecretLintRuleCreator[]).filter((rule) => ruleNames.has(rule.meta.id));
  return chosen.map((creator) => (source, report) => {
    const rule = creator.create(
      {
        sharedOptions: {},
        ignore: () => undefined,
        report: ({ range }) => report({ start: range[0], end: range[1] }),
        createTranslator: () => (messageId, data) => ({ message: '', messageId: String(messageId), data }),
      } as Parameters<typeof creator.create>[0],
      {},
    );
    return rule.file?.(source);
  });
}

function toLintSource(text: string): SecretLintSourceCode {
  return {
    hasBOM: false,
    content: text,
    filePath: undefined,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: '',
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
  } as unknown as SecretLintSourceCode;
}
