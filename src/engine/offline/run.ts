/** Runs without a model: summarizes from the text's structure and its most informative lines, with citations. */
import { createChannel } from '../eventChannel.ts';
import { noUsage, type CitationReady, type RunEvent, type SummaryResult } from '../events.ts';
import { summarizeOffline } from './index.ts';
import type { Wording } from './phrases.ts';
import { cutExcerpt, escapeMarks } from './view.ts';
import { getPlace } from '../places.ts';
import { countKinds } from '../logFacts.ts';
import { nameUnread, prepareSource } from '../read/prepareSource.ts';
import type { RunPorts, RunRequest } from '../request.ts';
import { ModelError } from '../model.ts';

interface OfflinePorts extends Pick<RunPorts, 'prepare' | 'signal' | 'yield' | 'clock'> {
  /** Language of the summary's own phrases; English if absent. */
  readonly wording?: Wording;
}

/** Summarizes without a model; yields the events of a run. */
export function runOffline(request: RunRequest, ports: OfflinePorts): AsyncIterable<RunEvent> {
  const channel = createChannel<RunEvent>(() => undefined);
  perform(request, ports, (event) => channel.push(event)).then(
    () => channel.end(),
    (error: unknown) => channel.fail(error),
  );
  return channel;
}

async function perform(request: RunRequest, ports: OfflinePorts, emit: (event: RunEvent) => void): Promise<void> {
  const { options } = request;
  const started = ports.clock.now();
  let markdown = '';
  let firstTokenMs: number | undefined;
  const citations: CitationReady[] = [];
  const ids = new Map<string, number>();
  const prepared = await prepareSource(request.source, ports, emit, {});
  const source = nameUnread(request.source, prepared.unread);
  if (!prepared.chunks.length) throw new ModelError({ kind: 'bad-request', code: 'no-text' });
  const tokens = prepared.chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
  emit({
    type: 'plan',
    title: source.title,
    provider: 'offline',
    model: '',
    mapModel: '',
    host: '',
    strategy: 'offline',
    kinds: [...new Set(prepared.parts.map((part) => part.kind))],
    lines: prepared.parts.reduce((sum, part) => sum + part.lines, 0),
    tokens,
    chunks: prepared.chunks.map(({ part, startLine, endLine, context }) => ({ part, startLine, endLine, context })),
    parts: source.parts.map(({ uri, title }) => ({ ...(uri ? { uri } : {}), title })),
    map: 0,
    collapse: 0,
    cachedCalls: 0,
    estimate: { calls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, seconds: Math.max(0.1, tokens / 250_000) },
  });
  const pieces = await summarizeOffline(
    {
      parts: source.parts.map((part, i) => ({
        title: part.title,
        ...(part.uri ? { uri: part.uri } : {}),
        ...(part.languageId ? { languageId: part.languageId } : {}),
        prepared: prepared.parts[i]!,
      })),
      length: options.length,
      ...(ports.wording ? { wording: ports.wording } : {}),
      ...(options.question ? { question: options.question } : {}),
    },
    ports.yield,
  );
  const chunkAt = (part: number, line: number): number =>
    Math.max(
      0,
      prepared.chunks.findIndex((chunk) => chunk.part === part && chunk.startLine <= line && line <= chunk.endLine),
    );
  const mark = (part: number, startLine: number, endLine: number): string => {
    const key = `${part}:${startLine}-${endLine}`;
    let id = ids.get(key);
    if (id === undefined) {
      id = citations.length + 1;
      ids.set(key, id);
      const chunk = chunkAt(part, startLine);
      const citation: CitationReady = {
        type: 'citation',
        id,
        ...getPlace(source.parts[part], { startLine, endLine }),
        chunk,
        approximate: false,
        excerpt: cutExcerpt(prepared.chunks[chunk]!, startLine, endLine),
      };
      citations.push(citation);
      emit(citation);
    }
    return `[${id}]`;
  };
  let cancelled = false;
  for (const [i, piece] of pieces.entries()) {
    if (ports.signal.aborted) {
      cancelled = true;
      break;
    }
    const marks = (piece.cite ?? []).map((c) => mark(c.part, c.startLine, c.endLine)).join('');
    const trailing = piece.text.slice(piece.text.trimEnd().length);
    const body = escapeMarks(piece.text.slice(0, piece.text.length - trailing.length));
    const text = marks ? `${body} ${marks}${trailing}` : body + trailing;
    firstTokenMs ??= ports.clock.now() - started;
    markdown += text;
    emit({ type: 'delta', text });
    if (i % 20 === 19) await ports.yield();
  }
  const lines = prepared.parts.reduce((sum, part) => sum + part.lines, 0);
  const folded = prepared.parts.reduce((sum, part) => sum + part.foldedLines, 0);
  const kinds = countKinds(prepared.parts);
  const several = source.parts.length > 1 || source.skipped.length > 0;
  const result: SummaryResult = {
    status: cancelled ? 'cancelled' : 'complete',
    markdown,
    strategy: 'offline',
    provider: 'offline',
    model: '',
    usage: {
      ...noUsage,
      costUsd: 0,
      wallMs: ports.clock.now() - started,
      ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
    },
    citations: citations.map(({ id, uri, startLine, endLine }) => ({
      id,
      ...(uri ? { uri } : {}),
      startLine,
      endLine,
    })),
    gaps: [],
    coverage: {
      lines,
      linesRead: lines - folded,
      folded,
      ...(kinds > 0 ? { kinds } : {}),
      ...(several ? { filesRead: source.parts.length - prepared.unread.length, filesSkipped: source.skipped } : {}),
    },
  };
  emit({ type: 'end', result });
}
