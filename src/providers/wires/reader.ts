/** Chooses the model that reads the parts, and VS Code's writer. */
import { findCatalogEntry, findReaderModel, readsForOthers, type CatalogEntry } from '../catalog.ts';

/** Value of `mapModel` for the writer itself. */
const sameModel = 'same';

interface ReaderChoice {
  /** Id of the model that writes the summary. */
  readonly writer: string;
  /** '' for the default, `same`, or an id. */
  readonly wanted: string;
  /** Listed ids; undefined for the vendor's host, which offers the whole family. */
  readonly offered?: readonly string[];
}

/**
 * Returns the wanted reader. The default is the writer's cheaper sibling in the catalog, or another version of it that costs
 * less than the writer; else the writer.
 */
export function chooseReader({ writer, wanted, offered }: ReaderChoice): string {
  if (wanted === sameModel) return writer;
  if (wanted !== '') return wanted;
  if (offered === undefined) return findReaderModel(writer) ?? writer;
  const own = findCatalogEntry(writer);
  if (own?.reader === undefined) return writer;
  const sibling = findCatalogEntry(own.reader);
  const family = offered
    .filter((id) => getVendor(id) === getVendor(writer) && costsLess(findCatalogEntry(id), own))
    .toSorted((a, b) => a.length - b.length);
  const exact = family.find((id) => findCatalogEntry(id) === sibling);
  return exact ?? family.filter((id) => readsForFamily(id, writer)).toSorted(byPrice)[0] ?? writer;
}

/** Whether the server's list matters. */
export function needsModelList(writer: string, wanted: string): boolean {
  return wanted === '' && findCatalogEntry(writer)?.reader !== undefined;
}

interface OfferedModel {
  readonly vendor: string;
  readonly family: string;
  readonly id: string;
  /** Tokens; 0 if VS Code does not report them. */
  readonly maxInputTokens: number;
}

/** Tokens of instructions and answer in each call. */
const callOverhead = 8000;

/**
 * Chooses VS Code's default writer: Copilot's first, strong before cheap, then by list price with each call's overhead,
 * unpriced ones last. Undefined for an empty list.
 */
export function chooseOffered<T extends OfferedModel>(models: readonly T[]): T | undefined {
  const vendor = models.find((model) => model.vendor === 'copilot')?.vendor ?? models[0]?.vendor;
  return models
    .filter((model) => model.vendor === vendor)
    .map((model) => ({ model, rank: rankModel(model) }))
    .toSorted((a, b) => a.rank - b.rank)[0]?.model;
}

/** Sorts unknown and cheap models last. */
const last = 1e6;

function rankModel(model: OfferedModel): number {
  const entry = findCatalogEntry(model.id) ?? findCatalogEntry(model.family);
  if (entry?.price === undefined) return last;
  const { input, output } = entry.price;
  const window = model.maxInputTokens > 0 ? model.maxInputTokens : entry.contextWindow;
  const weighed = (input + output / 10) * (1 + callOverhead / window);
  return entry.tier === 'cheap' ? last * 2 + weighed : weighed;
}

function readsForFamily(id: string, writer: string): boolean {
  const [reader, writes] = [plainName(id), plainName(writer)];
  const isFamily = reader.split(/[\d.-]/)[0] === writes.split(/[\d.-]/)[0];
  return isFamily && readsForOthers(id);
}

function costsLess(reader: CatalogEntry | undefined, writer: CatalogEntry): boolean {
  if (reader?.price === undefined || writer.price === undefined) return reader?.tier === 'cheap';
  return reader.price.input < writer.price.input;
}

function byPrice(a: string, b: string): number {
  return (findCatalogEntry(a)?.price?.input ?? last) - (findCatalogEntry(b)?.price?.input ?? last);
}

/** Part before the last slash, in lower case. */
function getVendor(id: string): string {
  return id.slice(0, id.lastIndexOf('/') + 1).toLowerCase();
}

function plainName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toLowerCase();
}
