import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
}
const json = <T>(name: string): T => JSON.parse(readFileSync(join(root, name), 'utf8')) as T;
const { packages } = json<{ packages: Record<string, Locked> }>('package-lock.json');
const locked = Object.entries(packages).filter(([folder, entry]) => folder !== '' && !entry.link);
const shipped = locked.filter(([, entry]) => !entry.dev && !entry.devOptional);

describe('what is shipped', () => {
  it('is pinned: each package by its hash, from no address of its own', () => {
    assert.ok(locked.length > 100);
    assert.deepEqual(
      locked.filter(([, entry]) => !entry.integrity?.startsWith('sha512-') || entry.resolved !== undefined),
      [],
    );
  });

  it('rests on two dozen packages at most, none of which runs a script when it is installed', () => {
    const { dependencies } = json<{ dependencies: Record<string, string> }>('package.json');
    assert.ok(Object.keys(dependencies).length <= 24, Object.keys(dependencies).join(', '));
    assert.deepEqual(
      shipped.filter(([, entry]) => entry.hasInstallScript),
      [],
    );
  });

  // Anthropic's SDK brings the interface of tracing without anything behind it; `tracing.test.ts` holds it silent
  it('holds no package that reports to anybody', () => {
    const reports =
      /telemetry|applicationinsights|sentry|posthog|amplitude|mixpanel|segment|statsig|datadog|rollbar|bugsnag/i;
    assert.deepEqual(
      shipped.map(([folder]) => folder).filter((folder) => reports.test(folder)),
      ['node_modules/@opentelemetry/api'],
    );
  });

  it('names no address on the web until Précis has a home of its own', () => {
    const manifest = json<Record<string, unknown>>('package.json');
    const address = /https?:\/\/(?:www\.)?(?:github|gitlab|bitbucket)\.\w+\/precis\b/;
    const pages = ['README.md', 'CHANGELOG.md', 'SECURITY.md', '.github/CONTRIBUTING.md', 'package.json'];
    assert.deepEqual(
      ['repository', 'bugs', 'homepage'].filter((field) => manifest[field] !== undefined),
      [],
    );
    assert.deepEqual(
      pages.filter((page) => address.test(readFileSync(join(root, page), 'utf8'))),
      [],
    );
  });

  it('has licences that ask for no more than to be named', () => {
    const allowed =
      /^(MIT|MIT-0|ISC|0BSD|BSD|BSD-[23]-Clause|Apache-2\.0|Unlicense|BlueOak-1\.0\.0|PSF-2\.0|Python-2\.0|Zlib|CC0-1\.0|CC-BY-4\.0)$/;
    const fits = (license: string): boolean => {
      const plain = license.replace(/^\(|\)$/g, '');
      if (plain.includes(' OR ')) return plain.split(' OR ').some(fits);
      return plain.split(' AND ').every((one) => allowed.test(one));
    };
    const odd = shipped.filter(([, { license }]) => license === undefined || !fits(license));
    assert.deepEqual(
      odd.map(([folder, { license }]) => `${folder}: ${license}`),
      [],
    );
  });
});

describe('the sources', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join(root, 'src', name), 'utf8') }));

  function check(what: RegExp, ...allowed: readonly string[]): void {
    const found = sources.filter(({ name, text }) => what.test(text) && !allowed.includes(name));
    assert.deepEqual(
      found.map(({ name }) => name),
      [],
      String(what),
    );
  }

  it('make no code from text, and no page from text that was not sanitized', () => {
    check(/\beval\(/);
    check(/\.(?:inner|outer)HTML\s*=|insertAdjacentHTML|document\.write/);
    check(/enableCommandUris|isTrusted\s*[:=]\s*true/);
  });
  it('read the environment in one place, start processes through one, and trust every certificate nowhere', () => {
    check(/process\.env/, 'host/environment.ts', 'cli/open.ts');
    check(/child_process/, 'sources/platform.ts', 'cli/models.ts');
    check(/rejectUnauthorized|NODE_TLS_REJECT_UNAUTHORIZED/);
  });
  it('name no address but the providers’, and report nothing', () => {
    const adapters = sources.filter(({ text }) => /^export const \w+: ProviderDefinition = /m.test(text));
    check(/(?:https?|wss?):\/\/\w/, 'providers/presets.ts', ...adapters.map(({ name }) => name));
    check(/createTelemetryLogger|isTelemetryEnabled|sendBeacon|XMLHttpRequest|WebSocket/);
  });
  it('print nothing to the console but that a message was dropped', () =>
    check(/console\.(?:log|error|warn|info|debug|trace)\(/, 'webview/main.ts'));
});
