/** What others do: a text cut into equal pieces, one request each, one after the other or all at once, then a merge. */

const words = { map: 257, reduce: 350 };

interface Piece {
  readonly text: string;
}

/** Pieces of so many of the server's tokens (four bytes each). */
export function equalPieces(text: string, tokens: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; at += tokens * 4) pieces.push({ text: text.slice(at, at + tokens * 4) });
  return pieces;
}

async function ask(url: string, system: string, parts: readonly string[], limit: number): Promise<string> {
  const user = `${parts.map((part, at) => `[${at + 1}]\n${part}`).join('\n')}`;
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer bench' },
    body: JSON.stringify({
      model: 'bench-1',
      messages: [
        { role: 'system', content: `${system}\n- at most ${limit} words` },
        { role: 'user', content: user },
      ],
    }),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const body = (await response.json()) as { choices: { message: { content: string } }[] };
  return body.choices[0]?.message.content ?? '';
}

const note = (url: string, piece: Piece): Promise<string> => ask(url, 'Take notes.', [piece.text], words.map);
const merge = (url: string, notes: readonly string[]): Promise<string> => ask(url, 'Summarize.', notes, words.reduce);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

export function sequential(url: string, pieces: readonly Piece[]): Promise<number> {
  return timed(async () => {
    const notes: string[] = [];
    for (const piece of pieces) notes.push(await note(url, piece));
    await merge(url, notes);
  });
}

export function allAtOnce(url: string, pieces: readonly Piece[]): Promise<number> {
  return timed(async () => merge(url, await Promise.all(pieces.map((piece) => note(url, piece)))));
}
