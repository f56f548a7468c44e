import assert from 'node:assert/strict';
import { parseBaseUrl, type BaseUrl } from '../../../src/shared/baseUrl.ts';

function parse(text: string): BaseUrl {
  const parsed = parseBaseUrl(text);
  assert.ok(!('problem' in parsed), text);
  return parsed;
}

describe('base URLs', () => {
  it('tell this machine from look-alikes', () => {
    for (const name of [
      'localhost',
      '127.0.0.1',
      '127.9.9.9',
      '[::1]',
      '[::ffff:7f00:1]',
      'a.localhost',
      'LOCALHOST.',
      '0.0.0.0',
    ])
      assert.equal(parse(`http://${name}:1/v1`).loopback, true, name);
    for (const name of [
      'localhost.example.com',
      '127.0.0.1.example.com',
      '128.0.0.1',
      '10.0.0.1',
      'mylocalhost',
      '[::ffff:a00:1]',
      '10.0.0.0',
    ])
      assert.equal(parse(`http://${name}:1/v1`).loopback, false, name);
  });

  it('tell the local network from public hosts with similar names', () => {
    for (const name of [
      '10.0.0.1',
      '192.168.1.4',
      '172.16.0.9',
      '100.64.0.1',
      '[fd00::1]',
      '[fe80::1]',
      'nas',
      'nas.local',
    ])
      assert.deepEqual([parse(`http://${name}/v1`).local, parse(`http://${name}/v1`).exposed], [true, false], name);
    for (const name of [
      '10.example.com',
      '192.168.1.4.example.com',
      '172.32.0.1',
      '[2001:db8::1]',
      'local.example.com',
    ])
      assert.deepEqual([parse(`http://${name}/v1`).local, parse(`http://${name}/v1`).exposed], [false, true], name);
  });

  it('say whether others could read what is sent', () => {
    assert.deepEqual(
      ['http://127.0.0.1/', 'http://nas.local/', 'http://a.example/', 'https://a.example/'].map((text) => {
        const { unencrypted, exposed } = parse(text);
        return [unencrypted, exposed];
      }),
      [
        [false, false],
        [true, false],
        [true, true],
        [false, false],
      ],
    );
  });

  it('are refused with a scheme that is not http, a password or a fragment', () => {
    for (const text of ['ftp://a', 'nonsense', ''])
      assert.deepEqual(parseBaseUrl(text), { problem: 'no-address' }, text);
    for (const text of ['https://u:p@a.net', 'https://a.net/#x'])
      assert.deepEqual(parseBaseUrl(text), { problem: 'secret-address' }, text);
  });

  it('lose slashes at the end and keep their query', () => {
    const { url, origin, path, host } = parse(' https://a.net:8443/v1// ');
    assert.deepEqual([url, origin, path, host], ['https://a.net:8443/v1', 'https://a.net:8443', '/v1', 'a.net:8443']);
    assert.deepEqual(parse('https://a.net/v1?api-version=2').query, { 'api-version': '2' });
  });
});
