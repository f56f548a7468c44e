import assert from 'node:assert/strict';
import { foldCaptions } from '../../../../../src/engine/read/fold/captions.ts';

const words = ['so today we look at how the', 'old lighthouse was moved', 'in nineteen eighty'];
/** Captions in the form of automatic ones: each line grows word by word, then stays above the next one. */
const rolling = `WEBVTT\nKind: captions\nLanguage: en\n\n${words
  .map((line, i) => {
    const at = (s: number): string => `00:00:${(i * 3 + s).toFixed(3).padStart(6, '0')}`;
    const above = words[i - 1] ?? ' ';
    const marked = line.replace(/ (\w+)/g, `<${at(1)}><c> $1</c>`);
    return `${at(0)} --> ${at(2.99)} align:start position:0%\n${above}\n${marked}\n\n${at(2.99)} --> ${at(3)} align:start\n${line}\n \n`;
  })
  .join('\n')}`;

const cue = (n: number, text: string): string =>
  `${n}\n00:0${Math.floor(n / 10)}:${String((n % 10) * 6).padStart(2, '0')},000 --> 00:0${Math.floor(n / 10)}:${String((n % 10) * 6 + 2).padStart(2, '0')},000\n${text}\n`;

describe('captions', () => {
  it('that roll give what was spoken once, with the time and the line of the file', () => {
    const folded = foldCaptions(rolling);
    assert.equal(folded?.text, '[0:00] so today we look at how the old lighthouse was moved in nineteen eighty\n');
    assert.deepEqual(folded.sourceLines, [7]);
    assert.match(rolling.split('\n')[6]!, /^so<.*today/);
  });

  it('begin a row where somebody is named, and keep what is said twice', () => {
    const srt = [
      cue(1, '<i>Anna: Yes.</i>'),
      cue(2, 'Anna: Yes.'),
      cue(3, '<v Ben Ode>We move it\nto Friday.'),
      cue(4, 'because of the crane.'),
    ].join('\n');
    const folded = foldCaptions(srt)!;
    assert.equal(
      folded.text,
      '[0:06] Anna: Yes.\n[0:12] Anna: Yes.\n[0:18] Ben Ode: We move it to Friday. because of the crane.\n',
    );
    assert.deepEqual(folded.sourceLines, [3, 7, 11]);
  });

  it('of SubViewer are read too; other texts are none', () => {
    assert.match(
      foldCaptions('0:00:01.000,0:00:03.000\nHello\n\n0:00:03.500,0:00:05.000\nthere\n')!.text,
      /Hello there/,
    );
    assert.equal(foldCaptions('Anna: at 10:00 we met.\nBen: yes.\n'), undefined);
  });
});
