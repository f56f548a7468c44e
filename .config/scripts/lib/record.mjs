/** What a suite's run came to: counts and failed tests, handed over in a file (PRECIS_TEST_RECORD), a JSON object a line. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join, relative } from 'node:path';
import { root } from './run.mjs';

/** @typedef {{ passed: number, failed: number, pending: number, failures: { file?: string, title: string }[] }} Outcome */

/** @returns {Outcome} */
export const noOutcome = () => ({ passed: 0, failed: 0, pending: 0, failures: [] });

/** @param {Outcome} sum @param {Outcome} more */
export function addOutcome(sum, more) {
  sum.passed += more.passed;
  sum.failed += more.failed;
  sum.pending += more.pending;
  sum.failures.push(...more.failures);
  return sum;
}

/**
 * Runs a suite and reads its record.
 * @param {(env: NodeJS.ProcessEnv) => Promise<number>} work takes variables for the suite's environment; gives its exit code
 * @returns {Promise<Outcome>} a suite that ended badly without a failed test counts as one failure without a title
 */
export async function recorded(work) {
  const folder = mkdtempSync(join(tmpdir(), 'precis-test-'));
  const file = join(folder, 'record.jsonl');
  try {
    const code = await work({ PRECIS_TEST_RECORD: file });
    const outcome = noOutcome();
    if (existsSync(file)) {
      for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) addOutcome(outcome, JSON.parse(line));
    }
    if (code !== 0 && outcome.failed === 0) {
      outcome.failed = 1;
      outcome.failures.push({ title: `ended with exit code ${code} before its tests were counted` });
    }
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An argument as a shell takes it literally. */
function quoted(text) {
  return /["$`\\!]/.test(text) ? `'${text.replaceAll("'", "'\\''")}'` : `"${text}"`;
}

/** The source of a test file, relative to the root; bundles for the extension host lie under out/. */
export function sourceOf(file) {
  const path = (isAbsolute(file) ? relative(root, file) : file).replaceAll('\\', '/');
  return path.startsWith('out/') ? path.slice('out/'.length).replace(/\.js$/, '.ts') : path;
}

/** The lines that name a failed test, its file, and the command that runs it alone. */
export function failureLines(suite, { file, title }) {
  // A hook's title names the test that it was for, which --grep cannot find.
  const test = title.replace(/ "(?:before|after) (?:all|each)" hook.*$/, '');
  const pattern = test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const path = file ? sourceOf(file) : undefined;
  const args = path ? ` -- ${path} --grep ${quoted(pattern)}` : '';
  return [`✘ ${path ? `${path}: ` : `${suite}: `}${title}`, `  npm run ${suite}${args}`];
}
