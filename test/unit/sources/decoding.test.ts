import assert from 'node:assert/strict';
import { decodePieces, detectDecoding } from '../../../src/sources/decoding.ts';

/** Encodes through the platform's own tables: each character's bytes are found by decoding all of them. */
function encode(text: string, encoding: string): Uint8Array {
  const table = new Map<string, number[]>();
  const decoder = new TextDecoder(encoding);
  for (let a = 0; a < 256; a++) {
    const one = decoder.decode(Uint8Array.of(a));
    if (one.length === 1 && one !== '\ufffd') table.set(one, [a]);
  }
  for (let a = 0x81; a < 0xff; a++) {
    for (let b = 0x40; b < 0xff; b++) {
      const two = decoder.decode(Uint8Array.of(a, b));
      if (two.length === 1 && two !== '\ufffd' && !table.has(two)) table.set(two, [a, b]);
    }
  }
  return Uint8Array.from([...text].flatMap((char) => table.get(char) ?? assert.fail(`${encoding} has no ${char}`)));
}

async function decoded(bytes: Uint8Array, cut: number): Promise<string | undefined> {
  const decoding = detectDecoding(bytes, true);
  if (!decoding) return undefined;
  const pieces = Array.from({ length: Math.ceil(bytes.length / cut) }, (_, i) =>
    bytes.subarray(i * cut, (i + 1) * cut),
  );
  let text = '';
  for await (const piece of decodePieces(pieces, decoding)) text += piece;
  return text;
}

async function checkReads(text: string, bytes: Uint8Array): Promise<void> {
  for (const cut of [1, 3, 4096]) assert.equal(await decoded(bytes, cut), text);
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const utf16 = (text: string, big: boolean): Uint8Array => {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), !big);
  return bytes;
};
const japanese = '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n';
const western = 'Der Wärter öffnete die Tür; “l’été” était déjà là. Smørrebrød, ¿qué tal?\n';

describe('decoding files', () => {
  it('UTF-8 with and without a mark comes out, wherever the pieces are cut', async () => {
    await checkReads('Grüße, 世界 😀\n', utf8('Grüße, 世界 😀\n'));
    await checkReads('Grüße\n', Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('Grüße\n')));
  });

  it('UTF-16 comes out, with a mark and, for a western text, without', async () => {
    for (const big of [false, true]) {
      const mark = big ? [0xfe, 0xff] : [0xff, 0xfe];
      await checkReads(japanese, Uint8Array.of(...mark, ...utf16(japanese, big)));
      await checkReads('plain western text\n', utf16('plain western text\n', big));
    }
  });

  it('Shift-JIS, EUC-JP, EUC-KR, GB18030 and Big5 are told apart', async () => {
    await checkReads(japanese, encode(japanese, 'shift_jis'));
    await checkReads(japanese, encode(japanese, 'euc-jp'));
    const korean = '나는 오늘 바다를 보았다. 등대의 불이 켜졌다.\n';
    await checkReads(korean, encode(korean, 'euc-kr'));
    const simplified = '这个人在中国有很大的房子，不是我的，是他的。\n';
    await checkReads(simplified, encode(simplified, 'gb18030'));
    const traditional = '這個人在中國有很大的房子，不是我的，是他的。\n';
    await checkReads(traditional, encode(traditional, 'big5'));
  });

  it('western and Cyrillic bytes are no Japanese', async () => {
    await checkReads(western, encode(western, 'windows-1252'));
    await checkReads('café naïve\n', encode('café naïve\n', 'windows-1252'));
    const russian = 'Смотритель маяка записал в журнал: туман, видимость плохая.\n';
    await checkReads(russian, encode(russian, 'windows-1251'));
  });

  it('what is no text is told: pictures, programs, archives, random bytes', async () => {
    const random = Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919 + ((i * i) >> 3)) & 255);
    for (const bytes of [
      utf8('%PDF-1.7\n'),
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
      Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0),
      Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0),
      random,
    ]) {
      assert.equal(detectDecoding(bytes, true), undefined);
    }
  });

  it('terminal colours, wrong bytes in between and a sample cut in a character do not make a text binary', async () => {
    assert.equal(detectDecoding(utf8('\u001b[31mred\u001b[0m text\n'), true)?.encoding, 'utf-8');
    assert.equal(detectDecoding(utf8('Grüße 世').subarray(0, -1), false)?.encoding, 'utf-8');
    const wrong = Uint8Array.of(...utf8('a line\n'.repeat(50)), 0xff, ...utf8('another line\n'.repeat(50)));
    const text = await decoded(wrong, 4096);
    assert.equal(text?.split('\n').length, 101);
  });
});
