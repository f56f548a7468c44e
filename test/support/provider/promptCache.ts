/**
 * Prompt caches as the vendors document them.
 *
 * - Anthropic (platform.claude.com/docs/en/build-with-claude/prompt-caching), and OpenAI in explicit mode: a prefix is written up to each
 *   breakpoint, and read where one of the last 20 blocks before a breakpoint ends a prefix that was written; 1,024 tokens at least; it can be
 *   read once its answer has begun; five minutes, anew with each use (30 at OpenAI). What is written is billed apart.
 * - OpenAI (developers.openai.com/api/docs/guides/prompt-caching): any common prefix from 1,024 tokens on, in steps of 128, without a charge;
 *   from GPT-5.6 on an implicit write after every prompt is billed.
 */
import { createHash } from 'node:crypto';
import { record, textOf } from './wires/shared.ts';
import { countTokens } from './tokens.ts';
import type { Asked } from './types.ts';

const minTokens = 1_024;
const stepTokens = 128;
const lookbackBlocks = 20;
const lifetimeMs = { anthropic: 300_000, explicit: 1_800_000, implicit: 300_000 } as const;
const keptPrompts = 64;

/** Prompt tokens of one request by how they are billed; the rest is fresh. */
export interface CacheShare {
  readonly read: number;
  readonly written: number;
  /** The answer has begun: its prefix can be read from now on. */
  begin(now: number): void;
}

interface Block {
  readonly text: string;
  readonly isMarked: boolean;
}

const nothing: CacheShare = { read: 0, written: 0, begin: () => undefined };

export class PromptCache {
  /** End of life by prefix. */
  readonly #written = new Map<string, number>();
  #prompts: { readonly text: string; readonly until: number }[] = [];

  look(asked: Asked, now: number): CacheShare {
    if (asked.wire === 'messages') return this.#atBreakpoints(asked, lifetimeMs.anthropic, now);
    if (record(asked.body['prompt_cache_options'])['mode'] === 'explicit')
      return this.#atBreakpoints(asked, lifetimeMs.explicit, now);
    return this.#byPrefix(asked, now);
  }

  #atBreakpoints(asked: Asked, lifeMs: number, now: number): CacheShare {
    const blocks = blocksOf(asked);
    const marks = blocks.flatMap(({ isMarked }, at) => (isMarked ? [at] : []));
    const last = marks.at(-1);
    if (last === undefined) return nothing;
    const prefixes = prefixesOf(asked.model, blocks.slice(0, last + 1));
    const whole = prefixes[last]!.tokens;
    if (whole < minTokens) return nothing;
    const read = this.#longestRead(prefixes, marks, now);
    if (read !== undefined) this.#written.set(read.key, now + lifeMs);
    return {
      read: read?.tokens ?? 0,
      written: whole - (read?.tokens ?? 0),
      begin: (begun) => {
        for (const at of marks) this.#written.set(prefixes[at]!.key, begun + lifeMs);
      },
    };
  }

  #longestRead(prefixes: readonly Prefix[], marks: readonly number[], now: number): Prefix | undefined {
    for (const mark of [...marks].reverse()) {
      for (let at = mark; at >= Math.max(0, mark - lookbackBlocks); at--) {
        const prefix = prefixes[at]!;
        if ((this.#written.get(prefix.key) ?? 0) > now) return prefix;
      }
    }
    return undefined;
  }

  #byPrefix(asked: Asked, now: number): CacheShare {
    const text = `${asked.model}\n${blocksOf(asked)
      .map((block) => block.text)
      .join('\n')}`;
    this.#prompts = this.#prompts.filter(({ until }) => until > now).slice(-keptPrompts);
    const shared = Math.max(0, ...this.#prompts.map((earlier) => sharedLength(text, earlier.text)));
    const read = inSteps(countTokens(text.slice(0, shared)));
    const isBilled = /gpt-(?:5\.[6-9]|[6-9])/.test(asked.model);
    return {
      read,
      written: isBilled ? Math.max(0, inSteps(countTokens(text)) - read) : 0,
      begin: (begun) => void this.#prompts.push({ text, until: begun + lifetimeMs.implicit }),
    };
  }
}

function inSteps(tokens: number): number {
  return tokens < minTokens ? 0 : Math.floor(tokens / stepTokens) * stepTokens;
}

function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

interface Prefix {
  readonly key: string;
  readonly tokens: number;
}

function prefixesOf(model: string, blocks: readonly Block[]): Prefix[] {
  const hash = createHash('sha1').update(model);
  let tokens = 0;
  return blocks.map(({ text }) => {
    hash.update(`\0${text}`);
    tokens += countTokens(text);
    return { key: hash.copy().digest('hex'), tokens };
  });
}

/** Instructions and messages in order, cut into their content parts. */
function blocksOf({ wire, body }: Asked): Block[] {
  const messages = wire === 'responses' ? body['input'] : body['messages'];
  const contents = [wire === 'responses' ? body['instructions'] : wire === 'messages' ? body['system'] : undefined];
  if (Array.isArray(messages)) contents.push(...messages.map((message) => record(message)['content']));
  else contents.push(messages);
  return contents.flatMap((content): Block[] => {
    if (!Array.isArray(content)) return content === undefined ? [] : [{ text: textOf(content), isMarked: false }];
    return content.map((part) => {
      const { cache_control: control, prompt_cache_breakpoint: breakpoint } = record(part);
      return { text: textOf([part]), isMarked: (control ?? breakpoint ?? undefined) !== undefined };
    });
  });
}
