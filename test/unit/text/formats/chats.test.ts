import assert from 'node:assert/strict';
import { readText } from '../../../support/formats.ts';

const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

const slack = [
  {
    type: 'message',
    user: 'U1',
    ts: '1709280000.000100',
    text: 'See <https://ci.example/4|build 4> &amp; ask <@U2>.',
    user_profile: { real_name: 'Dana Holt', display_name: '' },
  },
  {
    type: 'message',
    subtype: 'channel_join',
    user: 'U3',
    ts: '1709281000.000100',
    text: '<@U3> has joined the channel',
  },
  {
    type: 'message',
    user: 'U2',
    ts: '1709283600.000200',
    thread_ts: '1709280000.000100',
    text: 'Reviewed it.\nWe split the migration.',
    user_profile: { display_name: 'ivo' },
  },
  {
    type: 'message',
    subtype: 'bot_message',
    username: 'ci',
    ts: '1709284600.000200',
    text: '',
    attachments: [{ fallback: 'Build 5 passed' }],
  },
];
const telegram = {
  name: 'Bau',
  type: 'private_group',
  messages: [
    { id: 1, type: 'service', date: '2024-01-05T10:00:00', actor: 'Nur', action: 'create_group' },
    {
      id: 2,
      type: 'message',
      date: '2024-01-05T10:01:00',
      from: 'Nur',
      from_id: 'user1',
      text: ['Der Kran ', { type: 'bold', text: 'kommt' }, ' am Montag'],
    },
    { id: 3, type: 'message', date: '2024-01-05T10:02:00', from: 'Ole', from_id: 'user2', text: '', photo: 'x.jpg' },
  ],
};
const discord = {
  guild: { id: '1', name: 'G' },
  channel: { id: '2', name: 'general' },
  messages: [
    {
      id: '1',
      type: 'GuildMemberJoin',
      timestamp: '2024-01-05T10:00:00.000+00:00',
      content: 'Joined the server.',
      author: { id: '1', name: 'ann' },
    },
    {
      id: '2',
      type: 'Default',
      timestamp: '2024-01-05T10:01:00.000+00:00',
      content: 'the crane is late',
      author: { id: '1', name: 'ann', nickname: 'Ann' },
      attachments: [{ fileName: 'a.png' }],
    },
    {
      id: '3',
      type: 'Reply',
      timestamp: '2024-01-05T10:02:00.000+00:00',
      content: 'by how much?',
      author: { id: '2', name: 'ben' },
    },
  ],
};
const graph = {
  value: [
    {
      id: '2',
      messageType: 'message',
      createdDateTime: '2024-01-05T10:02:00Z',
      from: { user: { displayName: 'Ben' } },
      body: { contentType: 'html', content: '<p>By <b>two</b> weeks&nbsp;&amp; more</p>' },
    },
    {
      id: '1',
      messageType: 'message',
      createdDateTime: '2024-01-05T10:01:00Z',
      from: { user: { displayName: 'Ann' } },
      body: { contentType: 'text', content: 'The crane is late' },
    },
    {
      id: '0',
      messageType: 'systemEventMessage',
      createdDateTime: '2024-01-05T10:00:00Z',
      from: null,
      body: { contentType: 'html', content: '<systemEventMessage/>' },
    },
  ],
};
const personal = {
  userId: 'x',
  conversations: [
    {
      id: '19:a',
      displayName: 'Crane',
      MessageList: [
        {
          displayName: 'Ben',
          originalarrivaltime: '2024-01-05T10:02:00Z',
          messagetype: 'RichText/Html',
          content: '<p>ok</p>',
        },
        { displayName: 'Ann', originalarrivaltime: '2024-01-05T10:01:00Z', messagetype: 'Text', content: 'late' },
        {
          displayName: null,
          originalarrivaltime: '2024-01-05T10:00:00Z',
          messagetype: 'ThreadActivity/AddMember',
          content: '',
        },
      ],
    },
  ],
};
const messenger = {
  participants: [{ name: 'Ann' }, { name: 'Zo\u00c3\u00ab' }],
  title: 'Zo\u00c3\u00ab',
  messages: [
    { sender_name: 'Ann', timestamp_ms: 1704449100000, content: 'caf\u00c3\u00a9?' },
    { sender_name: 'Zo\u00c3\u00ab', timestamp_ms: 1704449000000, photos: [{ uri: 'a' }] },
  ],
};

describe('exports of chats', () => {
  it('of Slack: names of mentions, links, bots; joins left out', async () => {
    const { points, text, prepared } = await readText('2024-03-01.json', json(slack));
    assert.deepEqual(points, [
      'Slack chat: 3 messages of 3 people, 2024-03-01 08:00 to 2024-03-01 09:16; 1 system entry left out.',
    ]);
    assert.equal(prepared.kind, 'transcript');
    assert.match(text, /\[2024-03-01 08:00\] Dana Holt: See build 4 \(https:\/\/ci\.example\/4\) & ask @ivo\./);
    assert.match(text, /\] ivo: Reviewed it\.\n {2}We split the migration\.\n/);
    assert.match(text, /\] ci: Build 5 passed/);
    assert.doesNotMatch(text, /joined/);
  });

  it('of Telegram: pieces of text, media, entries of the program', async () => {
    const { points, text } = await readText('result.json', json(telegram));
    assert.deepEqual(points, [
      'Telegram chat “Bau”: 2 messages of 2 people, 2024-01-05 10:01 to 2024-01-05 10:02; 1 system entry left out.',
    ]);
    assert.match(text, /Nur: Der Kran kommt am Montag\n.*Ole: <photo>/);
    const all = await readText(
      'result.json',
      json({ about: '', chats: { list: [telegram, { ...telegram, name: 'Privat' }] } }),
    );
    assert.match(all.points![0]!, /4 messages of 2 people/);
    assert.match(all.text, /Nur: \(Privat\) Der Kran kommt/);
  });

  it('of Discord: JSON, CSV and text', async () => {
    const fromJson = await readText('general.json', json(discord));
    assert.deepEqual(fromJson.points, [
      'Discord chat “general”: 2 messages of 2 people, 2024-01-05 10:01 to 2024-01-05 10:02; 1 system entry left out.',
    ]);
    assert.match(fromJson.text, /Ann: the crane is late\n {2}<file: a\.png>/);
    const csv =
      'AuthorID,Author,Date,Content,Attachments,Reactions\r\n"1","ann","2024-01-05T10:01:00.0000000+01:00","late,\r\n""very"" late","",""\r\n"2","ben","2024-01-05T10:02:00.0000000+01:00","ok","",""\r\n';
    const fromCsv = await readText('general.csv', csv.replaceAll('\r\n', '\n'));
    assert.match(fromCsv.points![0]!, /^Discord chat: 2 messages of 2 people/);
    assert.match(fromCsv.text, /ann: late,\n {2}"very" late/);
    assert.deepEqual(fromCsv.prepared.chunks[0]!.sourceLines, [2, 2, 2, 4]);
    const rule = '='.repeat(62);
    const txt = `${rule}\nGuild: G\nChannel: Text / general\n${rule}\n\n[01/05/2024 10:01 AM] ann#1\nlate\n\n[01/05/2024 10:02 AM] ben\nok\n\n[01/05/2024 10:03 AM] ann#1\nbye\n\n${rule}\nExported 3 message(s)\n${rule}\n`;
    const fromText = await readText('general.txt', txt);
    assert.deepEqual(fromText.points, [
      'Discord chat “general”: 3 messages of 2 people, 01/05/2024 10:01 AM to 01/05/2024 10:03 AM.',
    ]);
    assert.equal((await readText('general.txt', txt.replace('Exported 3', 'Exported 4'))).points, undefined);
  });

  it('of Teams: Graph, a personal export, text that was copied', async () => {
    const fromGraph = await readText('messages.json', json(graph));
    assert.deepEqual(fromGraph.points, [
      'Teams chat: 2 messages of 2 people, 2024-01-05 10:01 to 2024-01-05 10:02; 1 system entry left out.',
    ]);
    assert.match(fromGraph.text, /Ann: The crane is late\n.*Ben: By two weeks & more/);
    const fromExport = await readText('messages.json', json(personal));
    assert.match(fromExport.points![0]!, /“Crane”: 2 messages of 2 people.*1 system entry left out/);
    const copied = await readText(
      'paste.txt',
      '[10:05] Weber, Anna\nDer Termin fällt aus.\n[10:07] Ben\nVerstanden.\n[10:12] Weber, Anna\nDanke!\n',
    );
    assert.match(copied.offline, /Weber, Anna \(2\), Ben \(1\): 3 turns/);
  });

  it('of Messenger: the latest message last, bytes as characters', async () => {
    const { points, text } = await readText('message_1.json', json(messenger));
    assert.match(points![0]!, /“Zoë”: 2 messages of 2 people/);
    assert.match(text, /Zoë: <photo>\n.*Ann: café\?/);
  });

  it('of WhatsApp: each message word for word, entries of the program counted', async () => {
    const chat = [
      '01.10.26, 08:00 - Messages are end-to-end encrypted.',
      '01.10.26, 08:37 - Elif: moved to Friday',
      'because of the rain',
      '01.10.26, 08:38 - Elif added Bora',
      '01.10.26, 08:39 - Bora: fine',
      '01.10.26, 08:40 - Elif: <Media omitted>',
    ].join('\n');
    const { points, text, prepared } = await readText('chat.txt', chat);
    assert.deepEqual(points, [
      'Chat: 3 messages of 2 people, 01.10.26, 08:37 to 01.10.26, 08:40; 2 system entries left out.',
    ]);
    assert.match(text, /Elif: moved to Friday\nbecause of the rain\n01\.10\.26, 08:39/);
    assert.equal(prepared.foldedLines, 2);
  });

  it('state nothing where they are damaged or only partly of the form', async () => {
    for (const text of [
      json(slack).slice(0, -40),
      json([...slack, { note: 'x' }]),
      json({ ...telegram, messages: [...telegram.messages, { type: 'odd' }] }),
    ])
      assert.equal((await readText('export.json', text)).points, undefined);
    const log = Array.from(
      { length: 8 },
      (_, i) => `[2024-01-05 10:0${i}:00] ${i % 2 ? 'ERROR' : 'INFO'}: job ${i} done`,
    ).join('\n');
    assert.equal((await readText('app.txt', log)).prepared.kind, 'log');
  });
});
