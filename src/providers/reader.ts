/** Which model reads the parts of a text, and which VS Code model writes where none is named. Pure. */
import { catalogEntry, readerOf, readsForOthers, type CatalogEntry } from './catalog.ts';

/** Value of a `mapModel` setting that keeps the writer as the reader. */
export const sameModel = 'same';

export interface ReaderChoice {
  /** Id of the model that writes the summary. */
  readonly writer: string;
  /** '' for the default, `same` for the writer, else a model's id. */
  readonly wanted: string;
  /** Ids that the server lists; undefined for the vendor's own host, which offers the whole family. */
  readonly offered?: readonly string[];
}

/**
 * Id of the model that reads the parts. An empty wish takes the cheaper sibling that the catalog names for the writer's
 * family, or one of that family that reads for another version and costs less than the writer; the writer where none is offered.
 */
export function chooseReader({ writer, wanted, offered }: ReaderChoice): string {
  if (wanted === sameModel) return writer;
  if (wanted !== '') return wanted;
  if (offered === undefined) return readerOf(writer) ?? writer;
  const own = catalogEntry(writer);
  if (own?.reader === undefined) return writer;
  const sibling = catalogEntry(own.reader);
  const family = offered
    .filter((id) => vendorOf(id) === vendorOf(writer) && costsLess(catalogEntry(id), own))
    .toSorted((a, b) => a.length - b.length);
  const exact = family.find((id) => catalogEntry(id) === sibling);
  return exact ?? family.filter((id) => readsForFamily(id, writer)).toSorted(byPrice)[0] ?? writer;
}

/** Whether the choice depends on what the server lists, so that asking it is worth a request. */
export function needsModelList(writer: string, wanted: string): boolean {
  return wanted === '' && catalogEntry(writer)?.reader !== undefined;
}

export interface OfferedModel {
  readonly vendor: string;
  readonly family: string;
  readonly id: string;
  /** Tokens; 0 where VS Code does not tell. */
  readonly maxInputTokens: number;
}

/** Tokens that each call spends on instructions and its answer: what a small window costs. */
const callOverhead = 8000;

/**
 * The VS Code model that writes where the setting names none: Copilot's before others', strong before cheap (which read),
 * then by list price, which counts more for a window that is mostly filled by each call's overhead.
 * Models without a known price keep VS Code's order, after those with one. Undefined for an empty list.
 */
export function chooseOffered<T extends OfferedModel>(models: readonly T[]): T | undefined {
  const vendor = models.find((model) => model.vendor === 'copilot')?.vendor ?? models[0]?.vendor;
  return models
    .filter((model) => model.vendor === vendor)
    .map((model) => ({ model, rank: rankOf(model) }))
    .toSorted((a, b) => a.rank - b.rank)[0]?.model;
}

/** Above any price, so that unknown and cheap models come last. */
const last = 1e6;

function rankOf(model: OfferedModel): number {
  const entry = catalogEntry(model.id) ?? catalogEntry(model.family);
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
  return (catalogEntry(a)?.price?.input ?? last) - (catalogEntry(b)?.price?.input ?? last);
}

/** Part before the last slash, in lower case. */
function vendorOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/') + 1).toLowerCase();
}

function plainName(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).toLowerCase();
}
