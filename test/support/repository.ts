/** A made-up repository: services, libraries, tools and pages of its own, and what lies beside them in a real one. Seeded. */
import { code, json, markdown, picker, type CodeLanguage, type Picker } from './corpus.ts';

export interface Repository {
  /** Text by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Sentences that stand once in its own text, half of them right behind a licence's header; with the path and the line from 1. */
  readonly facts: readonly { readonly key: string; readonly path: string; readonly line: number }[];
}

const apache = [
  'Licensed under the Apache License, Version 2.0 (the "License");',
  'you may not use this file except in compliance with the License.',
  'You may obtain a copy of the License at',
  '',
  '    http://www.apache.org/licenses/LICENSE-2.0',
  '',
  'Unless required by applicable law or agreed to in writing, software',
  'distributed under the License is distributed on an "AS IS" BASIS,',
  'WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.',
  'See the License for the specific language governing permissions and',
  'limitations under the License.',
];

function header(year: number, language: CodeLanguage): string {
  const lines = [`Copyright ${year} The Harbour Authors`, '', ...apache];
  if (language === 'python') return `${lines.map((line) => `# ${line}`.trimEnd()).join('\n')}\n\n`;
  return `/*\n${lines.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n\n`;
}

const services = ['gateway', 'ledger', 'notify', 'search', 'report'];
const names = [
  'client',
  'config',
  'errors',
  'handler',
  'index',
  'limits',
  'model',
  'queue',
  'retry',
  'router',
  'store',
];

/** About 240 files, of which a third are vendored, generated, minified, lock files or copies. */
export function repository(seed: number): Repository {
  const pick = picker(seed);
  const files: Record<string, string> = {};
  for (const service of services) {
    for (const name of names) own(files, pick, `services/${service}/src/${name}.ts`, 'typescript');
    files[`services/${service}/package.json`] = packageJson(service, pick);
    files[`services/${service}/README.md`] = `# ${service}\n\n${markdown(pick.whole(1e6), 2_500)}`;
    files[`services/${service}/LICENSE`] = `${apache.join('\n')}\n`.repeat(4);
  }
  for (const area of ['queue', 'auth', 'storage'])
    for (const name of names) own(files, pick, `pkg/${area}/${name}.go`, 'go');
  for (const name of names) own(files, pick, `tools/${name}.py`, 'python');
  for (let n = 1; n <= 24; n++) files[`docs/chapter-${n}.md`] = markdown(pick.whole(1e6), pick.between(3_000, 9_000));
  for (let n = 1; n <= 12; n++) files[`deploy/region-${n}.yaml`] = deployment(n, pick);
  const facts = plant(files, pick);
  addCopies(files, pick);
  addOthers(files, pick);
  return { files, facts };
}

function own(files: Record<string, string>, pick: Picker, path: string, language: CodeLanguage): void {
  const text = code(pick.whole(1e6), pick.between(2_500, 9_000), language);
  files[path] = header(2019 + pick.whole(8), language) + text;
}

function packageJson(service: string, pick: Picker): string {
  return `${JSON.stringify({ name: `@harbour/${service}`, version: `1.${pick.whole(20)}.0`, type: 'module', scripts: { build: 'tsc -b', test: 'node --test' } }, undefined, 2)}\n`;
}

function deployment(n: number, pick: Picker): string {
  const service = (name: string): string =>
    `  ${name}:\n    image: harbour/${name}:1.${pick.whole(40)}\n    replicas: ${pick.between(1, 9)}\n    memory: ${pick.between(2, 32)}Gi\n`;
  return `region: r${n}\nservices:\n${services.map(service).join('')}`;
}

/** Half of them in the first line behind the header, the others at any depth. */
function plant(files: Record<string, string>, pick: Picker): Repository['facts'] {
  const paths = Object.keys(files).filter((path) => /\.(?:ts|go|py)$/.test(path));
  return paths.map((path, i) => {
    const lines = files[path]!.split('\n');
    const headerEnd = lines.findIndex((line, at) => at > 0 && line === '') + 1;
    const at = i % 2 === 0 ? headerEnd : pick.between(headerEnd, lines.length - 1);
    const key = `HB-${1_000 + i * 7}`;
    const mark = path.endsWith('.py') ? '#' : '//';
    lines.splice(at, 0, `${mark} Rule ${key}: the limit of this module is ${20_011 + i * 13} barrels.`);
    files[path] = lines.join('\n');
    return { key, path, line: at + 1 };
  });
}

/** The same module in each service, as it happens. */
function addCopies(files: Record<string, string>, pick: Picker): void {
  const shared = header(2021, 'typescript') + code(pick.whole(1e6), 14_000);
  for (const service of services) files[`services/${service}/src/logging.ts`] = shared;
}

function addOthers(files: Record<string, string>, pick: Picker): void {
  for (let n = 1; n <= 30; n++)
    files[`vendor/github.com/acme/lib${n % 5}/file${n}.go`] = code(pick.whole(1e6), pick.between(3_000, 12_000), 'go');
  for (let n = 1; n <= 10; n++) files[`api/v1/service${n}.pb.go`] = code(pick.whole(1e6), 9_000, 'go');
  for (let n = 1; n <= 10; n++)
    files[`services/gateway/src/routes${n}.ts`] =
      `// Code generated by routegen. DO NOT EDIT.\n\n${code(pick.whole(1e6), 26_000)}`;
  for (let n = 1; n <= 6; n++)
    files[`web/assets/page${n}.min.js`] = code(pick.whole(1e6), 40_000).replaceAll(/\s+/g, ' ');
  files['package-lock.json'] = json(pick.whole(1e6), 120_000);
  files['go.sum'] = Array.from(
    { length: 300 },
    (_, n) => `github.com/acme/lib${n} v1.${n}.0 h1:${pick.whole(1e9)}=\n`,
  ).join('');
  for (let n = 1; n <= 8; n++) files[`services/report/test/view${n}.snap`] = code(pick.whole(1e6), 8_000);
}
