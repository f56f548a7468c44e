/** What the Visual Studio Marketplace and Open VSX require of a package before it can be published. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const minIconPixels = 128;

/**
 * @param {Record<string, any>} manifest package.json
 * @param {string} root folder of the manifest's files
 * @returns {string[]} one sentence for each requirement that is not met
 */
export function publishingProblems(manifest, root) {
  const problems = [];
  const need = (met, sentence) => met || problems.push(sentence);
  for (const field of ['name', 'publisher', 'version', 'displayName', 'description', 'license', 'icon']) {
    need(manifest[field], `package.json has no ${field}.`);
  }
  need(manifest.repository, 'package.json has no repository: set it once the project has a public home.');
  for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    need(existsSync(join(root, file)), `${file} is missing.`);
  }
  if (manifest.icon)
    need(iconIsLarge(join(root, manifest.icon)), `The icon is not a square PNG of ${minIconPixels} pixels or more.`);
  need((manifest.keywords ?? []).length <= 30, 'package.json has more than 30 keywords.');
  return problems;
}

function iconIsLarge(path) {
  const bytes = readFileSync(path);
  const isPng = bytes.subarray(1, 4).toString('latin1') === 'PNG';
  const [width, height] = isPng ? [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] : [0, 0];
  return width === height && width >= minIconPixels;
}
