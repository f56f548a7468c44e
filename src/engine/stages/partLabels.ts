import type { Unit } from '../answer/citations.ts';
import type { RunContext } from './context.ts';
import type { NamedPart } from '../prompts/render.ts';

const maxLength = { place: 110, whole: 160 } as const;
const maxNamed = 3;

/** Names units in text order. */
export function nameUnits(context: RunContext, units: readonly Unit[]): NamedPart[] {
  const folders = context.source.shape === 'folder' && context.source.parts.length > 1;
  let before: Place = {};
  return units.map((unit) => {
    const text = unit.note || context.chunks[unit.chunks[0]!]!.text;
    if (!folders) return { text, context: formatPlace(context, unit) };
    const { place, told } = formatNextPlace(context, unit, before);
    before = place;
    return { text, context: told };
  });
}

function formatPlace({ source, chunks }: RunContext, unit: Unit): string {
  const { part, context: heading } = chunks[unit.chunks[0]!]!;
  const title = source.parts.length > 1 ? (source.parts[part]?.title ?? '') : '';
  return (title && heading ? `${title} › ${heading}` : title || heading).slice(0, maxLength.whole);
}

interface Place {
  readonly folder?: string;
  readonly file?: string;
  readonly heading?: string;
}

function formatNextPlace(context: RunContext, unit: Unit, before: Place): { place: Place; told: string } {
  const parts = [...new Set(unit.chunks.map((chunk) => context.chunks[chunk]!.part))];
  const paths = parts.map((part) => splitPath(context.source.parts[part]?.title ?? ''));
  const folders = [...new Set(paths.map(({ folder }) => folder))];
  // the next unit repeats its own label
  if (folders.length > 1) return { place: {}, told: several(folders).slice(0, maxLength.whole) };
  const folder = folders[0]!;
  const file = several(paths.map((path) => path.file));
  const heading = parts.length > 1 ? '' : context.chunks[unit.chunks[0]!]!.context;
  const place = { folder, file, heading };
  if (folder !== before.folder) return { place, told: joined(ending(folder), file, heading) };
  if (file !== before.file) return { place, told: joined(file, heading) };
  return { place, told: heading === before.heading || heading === '' ? '' : joined('', heading) };
}

const joined = (...names: readonly string[]): string =>
  names
    .filter((name, i) => name || i === 0)
    .join(' › ')
    .trim()
    .slice(0, maxLength.whole);

/** `./` keeps top-level files apart from the previous folder. */
function splitPath(title: string): { folder: string; file: string } {
  const cut = title.lastIndexOf('/') + 1;
  return { folder: title.slice(0, cut) || './', file: title.slice(cut) };
}

function several(names: readonly string[]): string {
  const more = names.length - maxNamed;
  return `${names.slice(0, maxNamed).map(ending).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const ending = (name: string): string => (name.length > maxLength.place ? `…${name.slice(1 - maxLength.place)}` : name);
