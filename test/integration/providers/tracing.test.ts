import assert from 'node:assert/strict';
import { ProxyTracerProvider, trace, type Tracer } from '@opentelemetry/api';
import { adapters } from '../../support/adapters.ts';
import { call, config, outcome } from '../../support/conformance.ts';
import { startProvider } from '../../support/provider/index.ts';

describe('another extension that traces what goes on in its process', () => {
  const wanted: string[] = [];
  before(() => {
    trace.setGlobalTracerProvider({
      getTracer: (name): Tracer => {
        wanted.push(name);
        return new ProxyTracerProvider().getTracer(name);
      },
    });
  });
  beforeEach(() => void wanted.splice(0));
  after(() => trace.disable());

  for (const [name, adapter] of Object.entries(adapters)) {
    it(`learns nothing of a call (${name})`, async () => {
      const server = await startProvider(adapter.server);
      try {
        const model = await adapter.make(config(adapter.baseUrl(server), adapter.model));
        const { finish, error } = await outcome(model, call());
        assert.equal(error, undefined);
        assert.equal(finish?.reason, 'stop');
        assert.deepEqual(wanted, []);
      } finally {
        await server.close();
      }
    });
  }
});
