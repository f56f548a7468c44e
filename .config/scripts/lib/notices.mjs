/** What the package holds of others: their notices, and a bill of materials in CycloneDX. Both come from what was really bundled. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at } from './run.mjs';

/** Folders under node_modules that bundled files came from, in a fixed order. */
export function bundledPackages(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
    if (found) folders.add(found[0]);
  }
  const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  return [...folders].sort().map((folder) => {
    const manifest = JSON.parse(readFileSync(at(folder, 'package.json'), 'utf8'));
    return {
      folder,
      name: manifest.name,
      version: manifest.version,
      license: manifest.license ?? lock[folder]?.license ?? 'see below',
      integrity: lock[folder]?.integrity,
    };
  });
}

function legalTexts(folder) {
  return readdirSync(at(folder))
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name) && !/\.(js|ts|mjs)$/.test(name))
    .sort()
    .map((name) =>
      readFileSync(join(at(folder), name), 'utf8')
        .replaceAll('\r\n', '\n')
        .trim(),
    );
}

export function noticesText(packages) {
  const parts = packages.map(({ folder, name, version, license }) => {
    const texts = legalTexts(folder);
    return [
      `${name} ${version} (${license})`,
      '='.repeat(72),
      ...(texts.length > 0 ? texts : [`Licensed under ${license}.`]),
    ].join('\n\n');
  });
  return `Précis contains the following software of others.\n\n${parts.join('\n\n\n')}\n`;
}

const purl = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${version}`;

function hashes(integrity) {
  const found = /sha512-([A-Za-z0-9+/=]+)/.exec(integrity ?? '');
  return found ? [{ alg: 'SHA-512', content: Buffer.from(found[1], 'base64').toString('hex') }] : undefined;
}

function licenses(license) {
  if (/\s(OR|AND|WITH)\s/.test(license)) return [{ expression: license.replace(/^\((.*)\)$/, '$1') }];
  return [{ license: /^[A-Za-z0-9.+-]+$/.test(license) ? { id: license } : { name: license } }];
}

export function billOfMaterials(packages, manifest) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': purl(manifest.name, manifest.version),
        name: manifest.name,
        version: manifest.version,
        licenses: licenses(manifest.license),
      },
    },
    components: packages.map(({ name, version, license, integrity }) => ({
      type: 'library',
      'bom-ref': purl(name, version),
      name,
      version,
      purl: purl(name, version),
      licenses: licenses(license),
      ...(hashes(integrity) ? { hashes: hashes(integrity) } : {}),
    })),
  };
}
