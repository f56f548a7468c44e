/** Moving pictures out of screenshots: the browser makes a WebP of what changed, and this puts them into one animated WebP. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

export interface Shot {
  readonly png: Buffer;
  /** Milliseconds since the first. */
  readonly at: number;
}

interface Patch {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** A still WebP, Base64. */
  readonly webp: string;
}

/** Takes screenshots until `done` settles, then one more. */
export async function film(page: Page, done: Promise<unknown>, everyMs: number): Promise<Shot[]> {
  const shots: Shot[] = [];
  const began = performance.now();
  const take = async (): Promise<void> => {
    const at = performance.now() - began;
    shots.push({ png: await page.screenshot({ animations: 'allow' }), at });
  };
  let over = false;
  const ended = done.finally(() => (over = true));
  while (!over) {
    await take();
    const wait = everyMs * shots.length - (performance.now() - began);
    if (wait > 0) await new Promise((next) => setTimeout(next, wait));
  }
  await ended;
  await take();
  return shots;
}

const inPage = readFileSync(new URL('moviePatch.js', import.meta.url), 'utf8');
const patchOf = `(${inPage.slice(inPage.indexOf('async (')).trimEnd().replace(/;$/, '')})`;

/** A busy machine takes pictures seldom; nobody shall wait for it again. */
const mostMs = 400;

/** @param lastMs how long the last picture stands before it begins anew. */
export async function movie(page: Page, shots: readonly Shot[], quality: number, lastMs: number): Promise<Buffer> {
  const blank = await page.context().newPage();
  const frames: { patch: Patch; at: number }[] = [];
  for (const { png, at } of shots) {
    const patch = await blank.evaluate<Patch | undefined>(
      `${patchOf}(${JSON.stringify(png.toString('base64'))}, ${quality})`,
    );
    if (patch) frames.push({ patch, at });
  }
  await blank.close();
  const first = frames[0]?.patch;
  if (!first) throw new Error('There is no picture to make a film of');
  const parts = frames.map(({ patch, at }, i) => {
    const next = frames[i + 1]?.at;
    return animationFrame(patch, next === undefined ? lastMs : Math.min(next - at, mostMs));
  });
  return riff([extended(first.width, first.height), chunk('ANIM', Buffer.from([0, 0, 0, 255, 0, 0])), ...parts]);
}

function chunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}

function riff(chunks: readonly Buffer[]): Buffer {
  return chunk('RIFF', Buffer.concat([Buffer.from('WEBP', 'latin1'), ...chunks]));
}

function extended(width: number, height: number): Buffer {
  const data = Buffer.alloc(10);
  data[0] = 0b10; // animated
  data.writeUIntLE(width - 1, 4, 3);
  data.writeUIntLE(height - 1, 7, 3);
  return chunk('VP8X', data);
}

function animationFrame({ x, y, width, height, webp }: Patch, ms: number): Buffer {
  const head = Buffer.alloc(16);
  head.writeUIntLE(x / 2, 0, 3);
  head.writeUIntLE(y / 2, 3, 3);
  head.writeUIntLE(width - 1, 6, 3);
  head.writeUIntLE(height - 1, 9, 3);
  head.writeUIntLE(Math.round(ms), 12, 3);
  head[15] = 0b10; // drawn over, not blended
  return chunk('ANMF', Buffer.concat([head, pictureOf(Buffer.from(webp, 'base64'))]));
}

/** The coded picture of a still file, without what describes the file. */
function pictureOf(file: Buffer): Buffer {
  for (let at = 12; at + 8 <= file.length;) {
    const size = file.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (/^VP8[ L]/.test(file.toString('latin1', at, at + 4))) return file.subarray(at, end);
    at = end;
  }
  throw new Error('The browser made a WebP without a picture');
}
