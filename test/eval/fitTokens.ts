/**
 * npm run fit:tokens -- DIR: fits the token estimate to the texts of a folder and compares it with the frozen table.
 *
 * Least squares over pieces of text: the exact count of a piece is the sum of the costs of its runs (class, class
 * before, length). Ridge regression towards the mean cost of the class keeps rare runs sensible. A quarter of the files
 * is held out. `--table` prints the new rows; changing the frozen table splits every text anew.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/o200k_base';
import { classes, lengths, unitsPerToken } from '../../src/engine/tokenCosts.ts';
import { characterClasses, estimateTokens } from '../../src/engine/tokens.ts';

const pieceLength = 400;
const maxPiecesPerFile = 500;
const sweeps = 80;
/** Weight of the prior, in pieces. */
const ridge = 4;
const width = lengths + 1;

/** Runs of a piece by feature, and its exact count in units. */
interface Piece {
  readonly features: ReadonlyMap<number, number>;
  readonly units: number;
  readonly heldOut: boolean;
}

const encoder = new Tiktoken(ranks);
const [folder = '', option] = process.argv.slice(2);
const files = listFiles(folder);
if (files.length === 0) throw new Error('Name a folder of texts: npm run fit:tokens -- DIR [--table]');
const texts = files.map((file) => readFileSync(file, 'utf8'));
const pieces = texts.flatMap((text, i) => cut(text).map((piece) => toPiece(piece, i % 4 === 3)));
const costs = fit(pieces.filter(({ heldOut }) => !heldOut));
report();
if (option === '--table') printTable();

function listFiles(path: string): string[] {
  if (path === '') return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => listFiles(join(path, name)));
}

function cut(text: string): string[] {
  const out: string[] = [];
  const step = Math.max(pieceLength, Math.floor(text.length / maxPiecesPerFile));
  for (let at = 0; at < text.length; at += step) out.push(text.slice(at, at + pieceLength));
  return out;
}

function toPiece(text: string, heldOut: boolean): Piece {
  const features = new Map<number, number>();
  const add = (feature: number, value: number): void =>
    void features.set(feature, (features.get(feature) ?? 0) + value);
  let before = 0;
  for (let at = 0; at < text.length;) {
    const kind = characterClasses[text.charCodeAt(at)]!;
    const from = at;
    // each line break is a run of its own
    do at++;
    while (kind !== 0 && at < text.length && characterClasses[text.charCodeAt(at)] === kind);
    const row = (kind * classes + before) * width;
    const length = at - from;
    add(row + Math.min(length, lengths - 1), 1);
    if (length >= lengths) add(row + lengths, length - lengths + 1);
    before = kind;
  }
  return { features, units: encoder.encode(text, 'all').length * unitsPerToken, heldOut };
}

/** Coordinate descent: each cost in turn takes the value that leaves the smallest squared error. */
function fit(train: readonly Piece[]): Float64Array {
  const uses: { piece: number; value: number }[][] = Array.from({ length: classes * classes * width }, () => []);
  train.forEach(({ features }, piece) => {
    for (const [feature, value] of features) uses[feature]!.push({ piece, value });
  });
  const prior = createPrior();
  const found = Float64Array.from(prior);
  const rest = train.map(({ features, units }) => units - sum(features, found));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const [feature, list] of uses.entries()) {
      if (list.length === 0) continue;
      let top = ridge * (prior[feature]! - found[feature]!);
      let bottom = ridge;
      for (const { piece, value } of list) {
        top += value * rest[piece]!;
        bottom += value * value;
      }
      const change = Math.max(1 - found[feature]!, top / bottom);
      found[feature] = found[feature]! + change;
      for (const { piece, value } of list) rest[piece] = rest[piece]! - value * change;
    }
  }
  return found;
}

/** A run is about a token per four characters; one of signs or of Han characters about one per character. */
function createPrior(): Float64Array {
  const prior = new Float64Array(classes * classes * width);
  for (let row = 0; row < classes * classes; row++) {
    const kind = Math.floor(row / classes);
    const perCharacter = unitsPerToken / (kind >= 6 ? 1 : kind === 1 ? 16 : 4);
    for (let length = 1; length < lengths; length++)
      prior[row * width + length] = Math.max(unitsPerToken / 2, perCharacter * length);
    prior[row * width + lengths] = perCharacter;
  }
  return prior;
}

function sum(features: ReadonlyMap<number, number>, table: Float64Array): number {
  let total = 0;
  for (const [feature, value] of features) total += value * table[feature]!;
  return total;
}

/** Error of the whole of each held-out file. */
function report(): void {
  const errors = texts.flatMap((text, i) => {
    if (i % 4 !== 3 || text === '') return [];
    const exact = encoder.encode(text, 'all').length;
    const fitted = sum(toPiece(text, true).features, costs) / unitsPerToken;
    return [{ fitted: Math.abs(fitted / exact - 1), frozen: Math.abs(estimateTokens(text) / exact - 1) }];
  });
  const mean = (key: 'fitted' | 'frozen'): string =>
    `${((100 * errors.reduce((total, error) => total + error[key], 0)) / Math.max(1, errors.length)).toFixed(1)} %`;
  console.log(`${files.length} files, ${pieces.length} pieces, ${errors.length} files held out.`);
  console.log(`Mean error of held-out files: ${mean('fitted')} fitted here, ${mean('frozen')} with the frozen table.`);
}

/** Rows in the form of `tokenCosts.ts`. */
function printTable(): void {
  const pair = (value: number): string =>
    Math.min(1295, Math.max(0, Math.round(value)))
      .toString(36)
      .padStart(2, '0');
  for (let row = 0; row < classes * classes; row++) {
    const at = row * width;
    const cells = Array.from({ length: lengths }, (_, length) => pair(costs[at + Math.max(1, length)]!));
    console.log(`  '${cells.join('')} ${pair(costs[at + lengths]!)}',`);
  }
}
