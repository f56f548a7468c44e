/**
 * npm run bench -- peers: the same texts through Précis, LangChain.js's chains and Promise.all, each against a simulated server of its own
 * with stragglers and a rate limit, in real time and side by side. Installs LangChain.js in a temporary folder.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import pLimit from 'p-limit';
import { removeFolder, temporaryFolder } from '../support/host/processes.ts';
import { proseOf } from './documents.ts';
import { law, sum } from './law.ts';
import { startServer, type Server } from './server.ts';
import { measure, newSubject } from './subject.ts';

const packages = [
  '@langchain/classic@1.0.50',
  '@langchain/openai@1.6.0',
  '@langchain/core@1.4.0',
  '@langchain/textsplitters@1.0.2',
];
const sizes = [
  { tokens: 120_000, seeds: [1, 2, 3] },
  { tokens: 1_000_000, seeds: [1] },
] as const;
const facts = 20;
const window = 32_768;
const lanes = 8;
const tokensPerMinute = 600_000;
/** Characters of a piece: 12,000 tokens at four bytes. */
const pieceLength = 48_000;
const latency = { ...law, stragglers: { share: 0.1, factor: 6 } };

interface Peer {
  readonly name: string;
  /** Returns the summary. */
  summarize(url: string, text: string): Promise<string>;
}

interface PeerRow {
  readonly name: string;
  readonly tokens: number;
  readonly seconds: number;
  readonly sent: number;
  readonly calls: number;
  readonly refused: number;
  /** Facts in the summary, or why there is none. */
  readonly kept: string;
}

/** Runs all of them, about ten minutes, and returns Markdown. */
export async function peersTable(say: (line: string) => void): Promise<string> {
  const folder = temporaryFolder('peers');
  try {
    const peers = [precis, ...(await installChains(folder)), promiseAll];
    // Loading code is not measured.
    for (const peer of peers) await runPeer(peer, 4_000, 1);
    const rows: PeerRow[] = [];
    for (const { tokens, seeds } of sizes) {
      const drawn: PeerRow[][] = [];
      for (const seed of seeds) {
        const found = await Promise.all(peers.map((peer) => runPeer(peer, tokens, seed)));
        for (const row of found) say(`${row.name}, ${tokens} tokens: ${row.seconds.toFixed(0)} s, ${row.kept}`);
        drawn.push(found);
      }
      for (const at of peers.keys()) rows.push(findMiddle(drawn.map((found) => found[at]!)));
    }
    return tableOf(rows);
  } finally {
    removeFolder(folder);
  }
}

/** The run of median time. */
function findMiddle(rows: readonly PeerRow[]): PeerRow {
  return [...rows].sort((a, b) => a.seconds - b.seconds)[Math.floor(rows.length / 2)]!;
}

async function runPeer(peer: Peer, tokens: number, seed: number): Promise<PeerRow> {
  const server: Server = await startServer(new URL('./peersThread.ts', import.meta.url));
  try {
    await server.reset({ latency: { ...latency, seed }, contextWindow: window, rate: { tokensPerMinute } });
    const began = performance.now();
    const summary = await peer.summarize(server.url, plant(proseOf(tokens))).catch((error: unknown) => error as Error);
    const seconds = (performance.now() - began) / 1_000;
    const { calls } = await server.calls();
    const paid = calls.filter(({ status }) => status === 200);
    const found = Array.from({ length: facts }, (_, at) => `FACT-${at + 1} `);
    const kept =
      typeof summary === 'string'
        ? `${found.filter((fact) => summary.includes(fact)).length} of ${facts}`
        : `none: ${summary.message.split('\n')[0]}`;
    return {
      name: peer.name,
      tokens,
      seconds,
      sent: sum(paid, (call) => call.promptTokens + call.writtenTokens),
      calls: calls.length,
      refused: calls.length - paid.length,
      kept,
    };
  } finally {
    await server.close();
  }
}

/** Facts on lines of their own, evenly over the text. */
function plant(text: string): string {
  const lines = text.split('\n');
  for (let at = facts; at >= 1; at--) {
    const place = Math.floor((lines.length * (at - 0.5)) / facts);
    lines.splice(place, 0, '', `The record FACT-${at} names valve ${at} as open.`, '');
  }
  return lines.join('\n');
}

const precis: Peer = {
  name: 'Précis',
  async summarize(url, text) {
    const { result } = await measure(await newSubject(url, { window, lanes }), text, 'text.txt');
    return result.markdown;
  },
};

const promiseAll: Peer = {
  name: '`Promise.all` over equal pieces with `p-limit` and the `openai` package',
  async summarize(url, text) {
    const client = new OpenAI({ apiKey: 'bench', baseURL: `${url}/v1` });
    const ask = async (content: string): Promise<string> => {
      const messages = [{ role: 'user' as const, content: `Summarize:\n\n${content}` }];
      const answer = await client.chat.completions.create({ model: 'bench-1', messages });
      return answer.choices[0]?.message.content ?? '';
    };
    const limit = pLimit(lanes);
    const notes = await Promise.all(piecesOf(text).map((piece) => limit(() => ask(piece))));
    return ask(notes.join('\n\n'));
  },
};

function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength) pieces.push(text.slice(at, at + pieceLength));
  return pieces;
}

/** What is used of LangChain.js. */
interface LangChain {
  ChatOpenAI: new (options: object) => object;
  RecursiveCharacterTextSplitter: new (options: object) => { createDocuments(texts: string[]): Promise<object[]> };
  loadSummarizationChain(
    model: object,
    options: { type: 'map_reduce' | 'refine' },
  ): { invoke(input: { input_documents: object[] }): Promise<Record<string, string>> };
}

async function installChains(folder: string): Promise<Peer[]> {
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const options = ['install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', ...packages];
  await promisify(execFile)('npm', options, { cwd: folder, shell: process.platform === 'win32' });
  const require = createRequire(join(folder, 'package.json'));
  const load = async (name: string): Promise<object> =>
    (await import(pathToFileURL(require.resolve(name)).href)) as object;
  const chains = {
    ...(await load('@langchain/classic/chains')),
    ...(await load('@langchain/openai')),
    ...(await load('@langchain/textsplitters')),
  } as LangChain;
  return (['map_reduce', 'refine'] as const).map((type) => ({
    name: `LangChain.js \`${type}\``,
    async summarize(url, text) {
      const model = new chains.ChatOpenAI({
        model: 'bench-1',
        apiKey: 'bench',
        configuration: { baseURL: `${url}/v1` },
        ...(type === 'map_reduce' ? { maxConcurrency: lanes } : {}),
      });
      // Its own count loads a vocabulary from the network.
      Object.assign(model, { getNumTokens: (content: string) => Promise.resolve(Math.ceil(content.length / 4)) });
      const splitter = new chains.RecursiveCharacterTextSplitter({ chunkSize: pieceLength, chunkOverlap: 0 });
      const input_documents = await splitter.createDocuments([text]);
      const answer = await chains.loadSummarizationChain(model, { type }).invoke({ input_documents });
      return answer['text'] ?? answer['output_text'] ?? '';
    },
  }));
}

function tableOf(rows: readonly PeerRow[]): string {
  return [
    '| tokens | program | time | tokens sent and written | requests | refused | facts in the summary |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ name, tokens, seconds, sent, calls, refused, kept }) =>
        `| ${tokens.toLocaleString('en')} | ${name} | ${seconds.toFixed(0)} s | ${Math.round(sent / 1_000).toLocaleString('en')}k | ${calls} | ${refused} | ${kept} |`,
    ),
  ].join('\n');
}
