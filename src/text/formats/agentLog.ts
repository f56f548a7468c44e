/** Logs of coding agents, a JSON object a line: what was asked, what failed, what was changed and how it ended first. */
import type { FormatLine } from '../../engine/read/format.ts';
import type { FormatPoint, Words } from '../../engine/source.ts';
import { isoTime } from './chats/chat.ts';
import { listed, plural, point, pointLines, splitLines, type Format } from './format.ts';
import { asList, asObject, asText, parseJsonLine, type Json } from './json.ts';

interface Step {
  readonly type: 'user' | 'assistant' | 'call' | 'result' | 'error';
  readonly time: string;
  readonly text: string;
  readonly line: number;
  /** Tool of a call; identifier that its result repeats. */
  readonly tool?: string;
  readonly call?: string;
  readonly file?: string;
  readonly failed?: boolean;
}

const claude = /"(?:sessionId|parentUuid|leafUuid)"\s*:/;
const codex = /"type"\s*:\s*"(?:session_meta|response_item|turn_context|event_msg)"/;
const roleLine = /^\{"role"\s*:\s*"(?:system|developer|user|assistant|tool)"\s*,\s*"content"\s*:/;

const maxRequests = 20;
const maxErrors = 20;
const maxFiles = 12;
const maxPoint = 280;
const maxResultLines = 12;

/** Sessions of coding agents. */
export const agentLog: Format = {
  id: 'agent-log',
  accepts({ text }) {
    const lines = text.split('\n', 40).filter((line) => line.startsWith('{'));
    const isStep = (line: string): boolean =>
      (claude.test(line) && /"type"\s*:\s*"(?:user|assistant|summary|system)"/.test(line)) ||
      codex.test(line) ||
      roleLine.test(line);
    return lines.length >= 2 && lines.filter(isStep).length * 2 > lines.length;
  },
  read(text) {
    const steps: Step[] = [];
    const lines = splitLines(text);
    const hasItems = lines.some((line) => line.includes('"response_item"'));
    let records = 0;
    const damaged: number[] = [];
    for (const [i, line] of lines.entries()) {
      if (line.trim() === '') continue;
      const record = parseLine(line);
      if (!record) damaged.push(i + 1);
      else {
        records++;
        steps.push(...readRecord(record, i + 1, hasItems));
      }
    }
    if (steps.length < 2 || damaged.length * 3 > records) return undefined;
    const points = [...headPoints(steps, damaged), ...stepPoints(steps)];
    return { kind: 'transcript', points, lines: [...pointLines(points), ...stepLines(steps)] };
  },
};

const parseLine = (line: string): Json | undefined => asObject(parseJsonLine(line));

/** Steps of a record; none for the program's own bookkeeping. */
function readRecord(record: Json, line: number, hasItems: boolean): Step[] {
  const time = isoTime(asText(record['timestamp']));
  const payload = asObject(record['payload']);
  if (payload) {
    const type = asText(record['type']);
    if (type === 'response_item') return readItem(payload, time, line);
    return type === 'event_msg' && !hasItems ? readEvent(payload, time, line) : [];
  }
  const message = asObject(record['message']);
  if (!message) return readItem(record, time, line);
  if (record['isMeta'] === true) return [];
  const steps = readMessage(asText(message['role']), message['content'], time, line);
  return record['isApiErrorMessage'] === true ? steps.map((step) => ({ ...step, type: 'error' as const })) : steps;
}

/** An item as the model's interface has it. */
function readItem(item: Json, time: string, line: number): Step[] {
  const call = asText(item['call_id']) || asText(item['tool_call_id']);
  switch (asText(item['type'])) {
    case 'function_call':
    case 'custom_tool_call':
      return [toCall(asText(item['name']), item['arguments'] ?? item['input'], call, time, line)];
    case 'local_shell_call':
      return [toCall('shell', item['action'], call, time, line)];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [toResult(item['output'], call, undefined, time, line)];
    case 'reasoning':
      return [];
    default:
      if (asText(item['role']) === 'tool') return [toResult(item['content'], call, undefined, time, line)];
      return [
        ...readMessage(asText(item['role']), item['content'], time, line),
        ...asList(item['tool_calls']).flatMap((one): Step[] => {
          const made = asObject(asObject(one)?.['function']);
          return made
            ? [toCall(asText(made['name']), made['arguments'], asText(asObject(one)?.['id']), time, line)]
            : [];
        }),
      ];
  }
}

function readEvent(event: Json, time: string, line: number): Step[] {
  const text = asText(event['message']).trim();
  const type = { user_message: 'user', agent_message: 'assistant', error: 'error' }[asText(event['type'])];
  return type && text !== '' ? [{ type: type as Step['type'], time, text, line }] : [];
}

function readMessage(role: string, content: unknown, time: string, line: number): Step[] {
  if (role !== 'user' && role !== 'assistant') return [];
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : asList(content).map(asObject);
  return blocks.flatMap((block): Step[] => {
    switch (asText(block?.['type'])) {
      case 'text':
      case 'input_text':
      case 'output_text': {
        const text = withoutReminders(asText(block?.['text']));
        return text === '' ? [] : [{ type: role, time, text, line }];
      }
      case 'tool_use':
        return [toCall(asText(block?.['name']), block?.['input'], asText(block?.['id']), time, line)];
      case 'tool_result':
        return [toResult(block?.['content'], asText(block?.['tool_use_id']), block?.['is_error'] === true, time, line)];
      default:
        return [];
    }
  });
}

const added = [
  'system-reminder',
  'environment_context',
  'user_instructions',
  'command-message',
  'local-command-stdout',
  'local-command-caveat',
];

/** Removes what the program adds to a person's words. */
function withoutReminders(text: string): string {
  let own = text;
  for (const name of added) {
    const [begin, end] = [`<${name}>`, `</${name}>`];
    const kept: string[] = [];
    let at = 0;
    for (let from = own.indexOf(begin); from >= 0; from = own.indexOf(begin, at)) {
      const to = own.indexOf(end, from);
      if (to < 0) break;
      kept.push(own.slice(at, from));
      at = to + end.length;
    }
    own = kept.join('') + own.slice(at);
  }
  return own.replace(/<\/?command-(?:name|args)>/g, ' ').trim();
}

function toCall(tool: string, input: unknown, call: string, time: string, line: number): Step {
  const given = asObject(input) ?? (typeof input === 'string' ? (parseLine(input) ?? input) : undefined);
  const fields = asObject(given);
  const command = fields?.['command'] ?? fields?.['cmd'];
  const path = asText(fields?.['file_path']) || asText(fields?.['path']) || asText(fields?.['notebook_path']);
  const shown =
    (Array.isArray(command) ? command.join(' ') : asText(command)) ||
    path ||
    (typeof given === 'string' ? given : JSON.stringify(given ?? {}));
  const patched = /^\*\*\* (?:Add|Update|Delete) File: (.+)$/m.exec(shown)?.[1];
  const isChange = /edit|write|create|patch|replace/i.test(tool) && !/todo/i.test(tool);
  const file = isChange ? path || patched : patched;
  return {
    type: 'call',
    time,
    text: shown.slice(0, 2000),
    line,
    tool: tool || 'tool',
    call,
    ...(file ? { file } : {}),
  };
}

function toResult(content: unknown, call: string, failed: boolean | undefined, time: string, line: number): Step {
  const whole =
    typeof content === 'string'
      ? content
      : asList(content)
          .map((one) => asText(asObject(one)?.['text']))
          .join('\n');
  const packed = whole.startsWith('{"output"') ? parseLine(whole) : undefined;
  const text = packed ? asText(packed['output']) : whole;
  const code = asObject(packed?.['metadata'])?.['exit_code'] ?? exitCode(whole);
  const isFailed = failed ?? (typeof code === 'number' && code !== 0);
  return { type: 'result', time, text: text.trim(), line, call, failed: isFailed };
}

const exitCode = (text: string): number =>
  Number(/^(?:Process exited with code|Exit code:) (\d+)$/m.exec(text)?.[1] ?? 0);

function headPoints(steps: readonly Step[], damaged: readonly number[]): FormatPoint[] {
  const count = (type: Step['type']): number => steps.filter((step) => step.type === type).length;
  const tools = new Map<string, number>();
  for (const { tool } of steps) if (tool) tools.set(tool, (tools.get(tool) ?? 0) + 1);
  const failed = steps.filter((step) => step.failed).length;
  const used = [...tools].sort((a, b) => b[1] - a[1]).slice(0, 6);
  const [first, last] = [steps.find(({ time }) => time), steps.findLast(({ time }) => time)];
  const head: Words = [
    `Session with an agent: ${plural(count('user'), 'request')}, ${plural(count('assistant'), 'answer')}, ${plural(count('call'), 'tool call')}`,
    ...(used.length > 0
      ? [' (', ...listed(used.map(([tool, times]): Words => [{ code: tool }, ` ${times}`])), ')']
      : []),
    failed > 0 ? `, ${failed} of them failed` : '',
    first && last ? `; ${first.time} to ${last.time}.` : '.',
  ];
  const outcome = steps.findLast(({ type }) => type === 'assistant' || type === 'error');
  return [
    point(head, steps[0]!.line, { weight: 10 }),
    ...(damaged.length > 0
      ? [point([`${plural(damaged.length, 'line')} could not be read.`], damaged[0]!, { weight: 9 })]
      : []),
    ...(outcome ? [point([`At the end: ${clip(outcome.text)}`], outcome.line, { weight: 9 })] : []),
  ];
}

function stepPoints(steps: readonly Step[]): FormatPoint[] {
  const calls = new Map(
    steps.flatMap((step) => (step.type === 'call' && step.call ? [[step.call, step] as const] : [])),
  );
  const requests = steps.filter(({ type }) => type === 'user');
  const errors = steps.filter(({ type, failed }) => type === 'error' || failed);
  const files = new Map<string, Step>();
  for (const step of steps) if (step.file && !files.has(step.file)) files.set(step.file, step);
  return [
    ...requests
      .slice(0, maxRequests)
      .map(({ text, line }) => point([clip(text)], line, { section: 'Requests', weight: 6 })),
    ...errors.slice(0, maxErrors).map((step): FormatPoint => {
      const call = step.call ? calls.get(step.call) : undefined;
      const who: Words = call ? [{ code: call.tool! }, ' ', { code: clip(call.text, 120) }, ' failed: '] : [];
      return point([...who, { code: clip(step.text) }], step.line, { section: 'Errors', weight: 5 });
    }),
    ...[...files]
      .slice(0, maxFiles)
      .map(([file, { line }]) => point([{ code: file }], line, { section: 'Changed files', weight: 3 })),
  ];
}

const clip = (text: string, most = maxPoint): string => {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > most ? `${flat.slice(0, most).trimEnd()}…` : flat;
};

const names = { user: 'User', assistant: 'Agent', call: 'Agent', result: 'Tool', error: 'Error' } as const;

/** The session as a conversation; of a tool's answer the beginning. */
function stepLines(steps: readonly Step[]): FormatLine[] {
  return steps.flatMap((step): FormatLine[] => {
    const [first = '', ...rest] = step.text.split('\n');
    const what = step.type === 'call' ? `uses ${step.tool}: ` : step.failed ? 'failed: ' : '';
    const shown = step.type === 'result' ? rest.slice(0, maxResultLines) : rest;
    const left = rest.length - shown.length;
    return [
      { text: `[${step.time || '-'}] ${names[step.type]}: ${what}${first}`, line: step.line },
      ...shown.filter((line) => line.trim() !== '').map((line) => ({ text: `  ${line}`, line: step.line })),
      ...(left > 0 ? [{ text: `  (${plural(left, 'more line')})`, line: step.line }] : []),
    ];
  });
}
