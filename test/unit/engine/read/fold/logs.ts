/** Seeded logs of three kinds, with planted anomalies at known lines. */

export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Planted {
  readonly kind: 'record' | 'number' | 'word';
  readonly line: number;
  /** What must be found in the digest. */
  readonly needle: string;
}
export interface Log {
  readonly lines: string[];
  readonly planted: Planted[];
}
export type LogName = 'hdfs' | 'nginx' | 'app';

const pad = (n: number, width = 2): string => String(n).padStart(width, '0');
const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const ip = (random: () => number): string =>
  `10.25${Math.floor(random() * 5)}.${Math.floor(random() * 200)}.${Math.floor(random() * 250)}`;

function clock(t: number): { d: string; h: string; m: string; s: string; ms: string } {
  const s = Math.floor(t / 1000);
  return {
    d: pad(10 + Math.floor(s / 86_400)),
    h: pad(Math.floor(s / 3600) % 24),
    m: pad(Math.floor(s / 60) % 60),
    s: pad(s % 60),
    ms: pad(Math.floor(t % 1000), 3),
  };
}

function hdfs(random: () => number, t: number): string {
  const c = clock(t);
  const block = `blk_${random() < 0.5 ? '-' : ''}${Math.floor(random() * 9e15)}`;
  const head = `0811${c.d} ${c.h}${c.m}${c.s} ${Math.floor(random() * 3000)}`;
  const r = random();
  if (r < 0.3)
    return `${head} INFO dfs.DataNode$DataXceiver: Receiving block ${block} src: /${ip(random)}:${40000 + Math.floor(random() * 9999)} dest: /${ip(random)}:50010`;
  if (r < 0.55)
    return `${head} INFO dfs.DataNode$PacketResponder: PacketResponder ${Math.floor(random() * 3)} for block ${block} terminating`;
  if (r < 0.75)
    return `${head} INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: ${ip(random)}:50010 is added to ${block} size ${67_000_000 + Math.floor(random() * 100_000)}`;
  if (r < 0.9)
    return `${head} INFO dfs.DataNode$PacketResponder: Received block ${block} of size ${67_000_000 + Math.floor(random() * 100_000)} from /${ip(random)}`;
  if (r < 0.999)
    return `${head} INFO dfs.FSNamesystem: BLOCK* NameSystem.delete: ${block} is added to invalidSet of ${ip(random)}:50010`;
  return `${head} WARN dfs.DataNode$DataXceiver: ${ip(random)}:50010:Got exception while serving ${block} to /${ip(random)}:`;
}
function nginx(random: () => number, t: number): string {
  const c = clock(t);
  const path = pick(random, [
    '/',
    '/api/users',
    '/api/orders',
    '/static/app.js',
    '/static/app.css',
    '/login',
    '/health',
    '/favicon.ico',
  ]);
  const status = pick(random, ['200', '200', '200', '200', '304', '301', '404', '500']);
  const agent = pick(random, [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
    'curl/8.4.0',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)',
    'kube-probe/1.29',
  ]);
  return `${ip(random)} - - [${c.d}/Oct/2025:${c.h}:${c.m}:${c.s} +0000] "${pick(random, ['GET', 'GET', 'GET', 'POST'])} ${path}?id=${Math.floor(random() * 100_000)} HTTP/1.1" ${status} ${Math.floor(random() * 9000)} "-" "${agent}" ${(random() * 2).toFixed(3)}`;
}
function app(random: () => number, t: number): string[] {
  const c = clock(t);
  const head = (level: string, name: string): string =>
    `2025-03-${c.d}T${c.h}:${c.m}:${c.s}.${c.ms}Z ${level} [worker-${Math.floor(random() * 16)}] com.acme.${name} -`;
  const r = random();
  if (r < 0.4)
    return [
      `${head('INFO', 'orders.OrderService')} order ${Math.floor(random() * 1e6)} placed by user ${pick(random, ['anna', 'bob', 'carla', 'dan', 'eve', 'finn'])} total ${(random() * 200).toFixed(2)} EUR`,
    ];
  if (r < 0.7)
    return [
      `${head('INFO', 'http.Access')} GET /orders/${Math.floor(random() * 1e6)} took ${1 + Math.floor(random() * 250)}ms status=${pick(random, ['ok', 'ok', 'ok', 'cached', 'moved'])}`,
    ];
  if (r < 0.9)
    return [
      `${head('DEBUG', 'cache.Store')} cache ${pick(random, ['hit', 'miss', 'stale'])} for key user:${Math.floor(random() * 1e5)} in region ${pick(random, ['eu', 'us', 'ap'])}`,
    ];
  if (r < 0.985)
    return [
      `${head('WARN', 'db.Pool')} pool usage ${50 + Math.floor(random() * 40)}% waiting ${Math.floor(random() * 20)} threads`,
    ];
  const name = pick(random, ['TimeoutException', 'IllegalStateException']);
  return [
    `${head('ERROR', 'orders.OrderService')} order ${Math.floor(random() * 1e6)} failed: ${name}`,
    `java.util.${name}: gave up after ${Math.floor(random() * 900)} ms`.replace(/^/, '  '),
    '\tat com.acme.orders.OrderService.place(OrderService.java:142)',
    `\tat com.acme.http.Handler.handle(Handler.java:${pick(random, [77, 81])})`,
    'Caused by: java.net.SocketException: connection reset',
    '\tat java.base/java.net.Socket.read(Socket.java:981)',
    '\t... 12 more',
  ];
}

const plantRecord: Record<LogName, (c: ReturnType<typeof clock>, i: number) => [string, string]> = {
  hdfs: (c, i) => [
    `0811${c.d} ${c.h}${c.m}${c.s} 13 FATAL dfs.NameNode: edit log segment ${i}zq lost, entering safe mode now`,
    `segment ${i}zq lost`,
  ],
  nginx: (c, i) => [
    `2025/10/${c.d} ${c.h}:${c.m}:${c.s} [crit] 31#31: *${i}77 SSL_shutdown() failed while keepalive w${i}x`,
    `keepalive w${i}x`,
  ],
  app: (c, i) => [
    `2025-03-${c.d}T${c.h}:${c.m}:${c.s}.${c.ms}Z INFO [main] com.acme.Licence - licence q${i}v renewed until 2031 by operator`,
    `licence q${i}v renewed`,
  ],
};
const plantNumber: Record<LogName, (line: string, n: string) => string | undefined> = {
  hdfs: (line, n) => (/ of size \d+ /.test(line) ? line.replace(/ of size \d+ /, ` of size ${n} `) : undefined),
  nginx: (line, n) => line.replace(/" (\d{3}) \d+ "/, `" $1 ${n} "`),
  app: (line, n) => (/ took \d+ms/.test(line) ? line.replace(/ took \d+ms/, ` took ${n}ms`) : undefined),
};
const plantWord: Record<LogName, (line: string, word: string) => string | undefined> = {
  hdfs: (line, word) => (line.endsWith(' terminating') ? line.replace(/terminating$/, word) : undefined),
  nginx: (line, word) => line.replace(/"(GET|POST) /, `"${word} `),
  app: (line, word) => (/ by user \w+ /.test(line) ? line.replace(/ by user \w+ /, ` by user ${word} `) : undefined),
};

/** A log of about `units` UTF-16 units; `each` anomalies of each kind at seeded places. */
export function buildLog(name: LogName, units: number, each: number, seed: number): Log {
  const random = seeded(seed);
  const lines: string[] = [];
  const planted: Planted[] = [];
  let t = 0;
  let length = 0;
  while (length < units) {
    t += random() * 200;
    const made = name === 'app' ? app(random, t) : [name === 'hdfs' ? hdfs(random, t) : nginx(random, t)];
    for (const line of made) {
      lines.push(line);
      length += line.length + 1;
    }
  }
  const taken = new Set<number>();
  const place = (change: (line: string) => string | undefined): number => {
    for (;;) {
      const at = 50 + Math.floor(random() * (lines.length - 60));
      const changed = taken.has(at) ? undefined : change(lines[at] as string);
      if (changed === undefined || changed === lines[at]) continue;
      lines[at] = changed;
      taken.add(at);
      return at + 1;
    }
  };
  for (let i = 0; i < each; i++) {
    const number = String(3_900_000_000 + Math.floor(random() * 1e9) * (i + 1));
    planted.push({ kind: 'number', needle: number, line: place((line) => plantNumber[name](line, number)) });
    const word = `zz${pick(random, ['quark', 'fjord', 'glyph', 'waltz'])}${String.fromCharCode(97 + i)}`;
    planted.push({ kind: 'word', needle: word, line: place((line) => plantWord[name](line, word)) });
    const [text, needle] = plantRecord[name](clock(random() * t), i);
    planted.push({ kind: 'record', needle, line: place((line) => (/^[\d]/.test(line) ? text : undefined)) });
  }
  return { lines, planted };
}
