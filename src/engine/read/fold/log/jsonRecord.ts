/** Parses JSON records of pino, bunyan, zap, logrus, GELF, journald, Docker and clouds. */
import { rankOfNumber, rankOfWord } from './levels.ts';
import { StampReader } from './stamps.ts';

interface JsonRecord {
  /** The message, then the other fields as `key=value`. */
  readonly text: string;
  /** 0 without one. */
  readonly level: number;
  /** NaN without one. */
  readonly ms: number;
  readonly time: string;
}

const levelKeys = /^(?:level|lvl|severity|loglevel|log\.level|log_level|levelname|priority|severity_?text|@l)$/i;
const timeKeys =
  /^(?:ts|time|timestamp|@timestamp|datetime|date|asctime|@t|eventtime|event_time|created_at|__realtime_timestamp|instant)$/i;
const messageKeys = /^(?:msg|message|short_message|@m|@mt|event|text|textpayload)$/i;

const stamp = new StampReader();

const maxFields = 60;
const maxText = 4000;
const maxValue = 400;
const maxDepth = 5;

/** Undefined if the line is no JSON object. */
export function parseJsonRecord(line: string, from: number): JsonRecord | undefined {
  if (line.charCodeAt(from) !== 123 || line.charCodeAt(line.length - 1) !== 125) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(from === 0 ? line : line.slice(from));
  } catch {
    return undefined;
  }
  return describe(value as Record<string, unknown>);
}

function describe(value: Record<string, unknown>): JsonRecord {
  const fields: string[] = [];
  let message = '';
  let level = 0;
  let time = '';
  let ms = Number.NaN;
  for (const [key, inner] of Object.entries(value)) {
    if (level === 0 && levelKeys.test(key) && (level = toRank(key, inner, value)) > 0) continue;
    if (time === '' && timeKeys.test(key) && !Number.isNaN((ms = toMs(inner)))) {
      time = String(inner);
      continue;
    }
    if (message === '' && typeof inner === 'string' && messageKeys.test(key)) message = toOneLine(inner, maxValue * 3);
    else flatten(fields, key, inner, 0);
  }
  const text = [message, ...fields].filter((part) => part !== '').join(' ');
  return { text: text.length > maxText ? text.slice(0, maxText) : text, level, ms, time };
}

function toRank(key: string, value: unknown, record: Record<string, unknown>): number {
  if (typeof value === 'string' && !/^\d{1,2}$/.test(value)) return rankOfWord(value);
  if (typeof value !== 'number' && typeof value !== 'string') return 0;
  const number = Number(value);
  // Small numbers have other meanings in other programs: only syslog's own are told.
  return number < 10 && !/^priority$/i.test(key) && !('short_message' in record) && !isSyslog(record)
    ? 0
    : rankOfNumber(number);
}

const isSyslog = (record: Record<string, unknown>): boolean => 'facility' in record || 'appname' in record;

/** Converts s, ms, µs or ns since 1970, or a date with a year, to ms. */
function toMs(value: unknown): number {
  if (typeof value === 'string' && stamp.read(value, 0, false) && stamp.hasYear && stamp.hasTime) return stamp.ms;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && /^\d{10,19}$/.test(value) ? Number(value) : NaN;
  if (!(number > 9e8)) return Number.NaN;
  const ms = number < 1e11 ? number * 1000 : number < 1e14 ? number : number < 1e17 ? number / 1e3 : number / 1e6;
  return ms > 978_307_200_000 && ms < 2_208_988_800_000 ? ms : Number.NaN;
}

function flatten(fields: string[], path: string, value: unknown, depth: number): void {
  if (fields.length >= maxFields || value === null || value === '') return;
  if (typeof value !== 'object') fields.push(`${path}=${toOneLine(String(value), maxValue)}`);
  else if (depth >= maxDepth) fields.push(`${path}=${toOneLine(JSON.stringify(value), maxValue)}`);
  else if (Array.isArray(value)) for (const item of value.slice(0, 20)) flatten(fields, path, item, depth + 1);
  else
    for (const [key, inner] of Object.entries(value as Record<string, unknown>))
      flatten(fields, `${path}.${key}`, inner, depth + 1);
}

function toOneLine(text: string, limit: number): string {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  return cut.includes('\n')
    ? cut
        .split('\n')
        .map((line) => line.trim())
        .join(' ')
    : cut;
}
