/**
 * Formats that are read by a reader of their own: the first that accepts a text's beginning reads it whole. What no reader
 * takes is read by its kind (`engine/read/detectKind.ts`).
 */
import type { FindFormat } from '../../engine/read/format.ts';
import { chatBlocks, whatsapp } from './chatText.ts';
import { discord, discordCsv } from './discord.ts';
import type { Format } from './format.ts';
import { junit } from './junit.ts';
import { messenger } from './messenger.ts';
import { slack } from './slack.ts';
import { tap } from './tap.ts';
import { teams, teamsPersonal } from './teams.ts';
import { telegram } from './telegram.ts';
import { terraform } from './terraform.ts';

/** Order matters only where two could accept one text. */
export const formats: readonly Format[] = [
  discord,
  discordCsv,
  messenger,
  teams,
  teamsPersonal,
  telegram,
  slack,
  whatsapp,
  chatBlocks,
  terraform,
  junit,
  tap,
];

export const findFormat: FindFormat = (sample) => {
  const format = formats.find((one) => one.accepts(sample));
  return format && ((text) => Promise.resolve(format.read(text)));
};
