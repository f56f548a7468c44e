import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { createProxyFetch, findProxy } from '../../../src/cli/proxyFetch.ts';

describe('the proxy of the environment', () => {
  it('is chosen by protocol, and not for excepted hosts', () => {
    const env = { HTTPS_PROXY: 'http://p:3128', http_proxy: 'q:80', NO_PROXY: 'example.com, .internal,10.0.0.1:8443' };
    const host = (url: string): string | undefined => findProxy(new URL(url), env)?.host;
    assert.equal(host('https://api.example.org/v1'), 'p:3128');
    assert.equal(host('http://api.example.org/v1'), 'q');
    for (const url of [
      'https://example.com',
      'https://a.example.com',
      'https://llm.internal',
      'https://10.0.0.1:8443',
      'http://127.0.0.1:1234',
      'http://localhost:1234',
    ]) {
      assert.equal(host(url), undefined, url);
    }
    assert.equal(host('https://notexample.com'), 'p:3128');
    assert.equal(host('https://10.0.0.1'), 'p:3128');
    assert.equal(findProxy(new URL('https://a.b'), { ...env, NO_PROXY: '*' }), undefined);
    assert.equal(findProxy(new URL('https://a.b'), {}), undefined);
  });

  const port = (server: Server): number => (server.address() as AddressInfo).port;
  const listen = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  it('carries requests through a tunnel, with its own credentials', async () => {
    const target = createServer((request, response) => response.end(`hello ${request.headers.host}`));
    const asked: { to?: string; credentials?: string }[] = [];
    const proxy = createServer();
    proxy.on('connect', (request, socket) => {
      asked.push({ to: request.url, credentials: request.headers['proxy-authorization'] });
      const through = connect(port(target), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        through.pipe(socket).pipe(through);
      });
      through.on('error', () => socket.destroy());
      socket.on('error', () => through.destroy());
    });
    await Promise.all([listen(target), listen(proxy)]);
    try {
      const fetch = createProxyFetch({ HTTP_PROXY: `http://me:pass@127.0.0.1:${port(proxy)}` });
      const response = await fetch('http://llm.test:8080/v1/models');
      assert.equal(await response.text(), 'hello llm.test:8080');
      assert.deepEqual(asked, [{ to: 'llm.test:8080', credentials: `Basic ${btoa('me:pass')}` }]);
    } finally {
      target.closeAllConnections();
      proxy.closeAllConnections();
      target.close();
      proxy.close();
    }
  });
  it('that refuses is an error', async () => {
    const proxy = createServer();
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    await listen(proxy);
    try {
      const fetch = createProxyFetch({ HTTP_PROXY: `http://127.0.0.1:${port(proxy)}` });
      await assert.rejects(fetch('http://llm.test/v1'), (error: Error) => /407/.test(String(error.cause)));
    } finally {
      proxy.close();
    }
  });
});
