/**
 * Table of formats. The first one that accepts the start of a text reads all of it; other text is read by its kind
 * (`engine/read/detectKind.ts`).
 */
import { findLanguage } from '../../engine/read/code/languages.ts';
import type { FindFormat } from '../../engine/read/format.ts';
import { agentLog } from './agentLog.ts';
import { chatBlocks, whatsapp } from './chats/chatText.ts';
import { ciLog } from './ciLog.ts';
import { coverageXml, lcov } from './coverage.ts';
import { discord, discordCsv } from './chats/discord.ts';
import { feed } from './feed.ts';
import type { Format } from './format.ts';
import { junit } from './junit.ts';
import { kubectl } from './kubectl.ts';
import { messenger } from './chats/messenger.ts';
import { openApi } from './openApi.ts';
import { cpuProfile, pprof } from './profile.ts';
import { recording } from './recording.ts';
import { slack } from './chats/slack.ts';
import { sqlDump } from './sqlDump.ts';
import { mailText, notebookText } from './storedText.ts';
import { tap } from './tap.ts';
import { teams, teamsPersonal } from './chats/teams.ts';
import { telegram } from './chats/telegram.ts';
import { terraform } from './terraform.ts';
import { translations } from './translations.ts';

/** Order matters only if two formats could accept a text. */
export const formats: readonly Format[] = [
  agentLog,
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
  lcov,
  coverageXml,
  cpuProfile,
  pprof,
  recording,
  kubectl,
  ciLog,
  feed,
  translations,
  openApi,
  sqlDump,
  mailText,
  notebookText,
];

/** Names of text that may quote a format. */
const otherText = /\.(?:md|markdown|mdx|rst|adoc|tex|org)$/i;
/** Languages that may also be data. */
const dataLanguages: ReadonlySet<string | undefined> = new Set([
  undefined,
  'xml',
  'html',
  'json',
  'jsonc',
  'yaml',
  'sql',
  'ini',
]);

/** Undefined if no reader accepts. */
export const findFormat: FindFormat = (sample) => {
  if (otherText.test(sample.title) || !dataLanguages.has(findLanguage(sample.title))) return undefined;
  const format = formats.find((one) => one.accepts(sample));
  if (!format) return undefined;
  return async (text) => {
    try {
      return await format.read(text);
    } catch {
      // damaged, so it is read by its kind
      return undefined;
    }
  };
};
