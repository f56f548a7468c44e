/** Versions: major.minor.patch alone; the gallery knows pre-releases by a flag, and we by an odd minor version. */
import { readFileSync } from 'node:fs';
import { at, Told } from './run.mjs';

const pattern = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** @throws Told where the version is not three plain numbers: the gallery takes no others. */
export function isPreRelease(version) {
  const found = pattern.exec(version);
  if (!found) throw new Told(`The version ${version} is not of the form major.minor.patch.`);
  return Number(found[2]) % 2 === 1;
}

/**
 * What the changelog says of a version.
 * @returns {{ date: string, text: string }}
 * @throws Told where it has no dated entry of that version with something in it
 */
export function changesOf(version, changelog = readFileSync(at('CHANGELOG.md'), 'utf8')) {
  const heading = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - (\\d{4}-\\d{2}-\\d{2})\\s*$`, 'm').exec(
    changelog,
  );
  if (!heading) throw new Told(`CHANGELOG.md has no entry “## [${version}] - YYYY-MM-DD”.`);
  const rest = changelog.slice(heading.index + heading[0].length);
  const text = rest.slice(0, /^## /m.exec(rest)?.index ?? rest.length).trim();
  if (!/^- \S/m.test(text)) throw new Told(`CHANGELOG.md says nothing of version ${version}.`);
  return { date: heading[1], text };
}
