import assert from 'node:assert/strict';
import { createNonce, createPageHtml } from '../../../src/panel/html.ts';
import { findAllowedLink } from '../../../src/panel/links.ts';
import { emptyView } from '../../../src/shared/runView.ts';
import { info } from '../../webview/samples.ts';

describe('The frame of the page', () => {
  const html = createPageHtml({
    script: 'https://x.test/main.js',
    style: 'https://x.test/main.css',
    cspSource: "'self' https://x.test",
    nonce: 'n0',
    locale: 'de"><script>',
    title: '<b>&"',
  });
  const policy = (/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '').replace(
    /&#(\d+);/g,
    (_, code: string) => String.fromCharCode(Number(code)),
  );

  it('lets in one script by nonce, style and font from the extension, and nothing else', () => {
    assert.deepEqual(policy.split('; '), [
      "default-src 'none'",
      "style-src 'self' https://x.test",
      "font-src 'self' https://x.test",
      "script-src 'nonce-n0'",
      "form-action 'none'",
      "base-uri 'none'",
    ]);
  });
  it('has values only as text', () => {
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.ok(!html.includes('<b>'));
  });
  it('has a nonce of its own each time', () => {
    assert.match(createNonce(), /^[0-9a-f]{32}$/);
    assert.notEqual(createNonce(), createNonce());
  });
});

describe('A link from the page', () => {
  const check = (markdown: string, href: string): string | undefined =>
    findAllowedLink(href, { ...emptyView, markdown }, info);

  it('is opened when the summary holds it', () => {
    assert.equal(
      check('See [x](https://example.org/a_(b)).', 'https://example.org/a_(b)'),
      'https://example.org/a_(b)',
    );
    assert.equal(check('<https://example.org/x?y=1>', 'https://example.org/x?y=1'), 'https://example.org/x?y=1');
    assert.equal(check('[x](http://EXAMPLE.org "title")', 'http://EXAMPLE.org'), 'http://example.org/');
  });
  it('is opened where its text is an address, its own or another', () => {
    const other = '[https://bank.example/](https://evil.example/x)';
    assert.equal(check(other, 'https://evil.example/x'), 'https://evil.example/x');
    const own = '[https://example.org/x](https://example.org/x)';
    assert.equal(check(own, 'https://example.org/x'), 'https://example.org/x');
  });
  it('is not opened when it does not', () => {
    assert.equal(check('See [x](https://example.org/a).', 'https://example.org/b'), undefined);
    assert.equal(check('See [x](https://example.org/a).', 'https://example.com/a'), undefined);
    assert.equal(check('', 'https://example.org/'), undefined);
  });
  it('is never of another kind', () => {
    for (const href of ['file:///etc/passwd', 'command:x', 'javascript:1', 'vscode://a', 'nothing']) {
      assert.equal(check(`[x](${href})`, href), undefined, href);
    }
  });
});
