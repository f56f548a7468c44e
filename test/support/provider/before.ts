/** The faults that leave no answer: they come before or instead of its headers. */
import { refuseCall } from './calls.ts';
import { portalPage, type Fault } from './faults.ts';
import { until } from './latency.ts';
import { sendJson, type Exchange } from './state.ts';
import type { Asked, Refusal, WireId } from './types.ts';

/** True when the request is done with. */
export async function playBefore(exchange: Exchange, fault: Fault, asked: Asked | undefined): Promise<boolean> {
  const { response, signal, request } = exchange;
  const refusal = refusalFor(fault, asked);
  if (refusal !== undefined) {
    refuseCall(exchange, { id: wireFor(exchange, asked) }, refusal);
    return true;
  }
  switch (fault.kind) {
    case 'proxy-auth':
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"', 'content-type': 'text/html' });
      response.end('<html><body>Proxy authentication required</body></html>');
      return true;
    case 'reset-before-headers':
      response.socket?.resetAndDestroy();
      return true;
    case 'stall-before-headers':
      await until(performance.now() + (fault.ms ?? 86_400_000), signal);
      return signal.aborted;
    case 'portal':
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(portalPage);
      return true;
    case 'other-protocol':
      response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n');
      return true;
    case 'redirect':
      response.writeHead(fault.status ?? 307, { location: `${fault.to ?? 'http://127.0.0.1:9'}${request.url ?? ''}` });
      response.end();
      return true;
    case 'status':
      if (fault.message === undefined || !fault.message.startsWith('<')) return false;
      response.writeHead(fault.status ?? 500, { 'content-type': 'text/html' });
      response.end(fault.message);
      return true;
    case 'end-early':
      if (asked !== undefined) return false;
      sendJson(response, 200, {});
      return true;
    default:
      return false;
  }
}

function refusalFor(fault: Fault, asked: Asked | undefined): Refusal | undefined {
  switch (fault.kind) {
    case 'status':
      return fault.message?.startsWith('<')
        ? undefined
        : { kind: 'status', status: fault.status ?? 500, message: fault.message };
    case 'rate-limit':
      return {
        kind: 'rate-limit',
        what: 'requests',
        limit: 60,
        waitMs: fault.retryAfter === undefined ? undefined : fault.retryAfter * 1000,
      };
    case 'quota':
      return { kind: 'quota' };
    case 'model-gone':
      return { kind: 'no-model', model: asked?.model ?? 'model' };
    case 'auth':
      return { kind: 'auth' };
    case 'forbidden':
      return { kind: 'forbidden' };
    default:
      return undefined;
  }
}

function wireFor({ entry, path }: Exchange, asked: Asked | undefined): WireId {
  if (asked !== undefined) return asked.wire;
  if (path.startsWith('/api/')) return 'ollama';
  return entry.headers['anthropic-version'] === undefined ? 'chat' : 'messages';
}
