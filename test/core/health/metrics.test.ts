import { expect } from 'chai';
import { Registry } from 'prom-client';
import { metricsApp } from '../../../core/health/metrics.ts';
import { listen } from '../../../core/http/server.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { serve, type Toy } from '../http/served.ts';

describe('metrics of requests', () => {
  it('count them by method, route and status, and hold nothing that callers make up', async () => {
    const metrics = new Registry();
    await using server = await serve({
      metrics,
      routes: (router) =>
        router.get('/thing/:id', (ctx) => {
          ctx.body = { id: ctx.params.id };
        }),
    });
    for (const path of ['/thing/1', '/thing/2', '/hello?secret', '/made-up/1', '/made-up/2']) {
      await (await fetch(server.url + path)).text();
    }
    await (await fetch(`${server.url}/echo`, { method: 'POST', body: 'x', headers: { 'Content-Type': 'x/y' } })).text();
    const counts = async () =>
      Object.fromEntries(
        [...(await metrics.metrics()).matchAll(/^lazuli_http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
          ([, labels, count]) => [labels?.replaceAll('"', ''), Number(count)],
        ),
      );
    // The last one is counted when its answer is out, which may be after the client has read it.
    while (Object.keys(await counts()).length < 4) await new Promise(setImmediate);
    expect(await counts()).to.deep.equal({
      'method=GET,route=/thing/:id,status=200': 2,
      'method=GET,route=/hello,status=200': 1,
      'method=GET,route=none,status=404': 2,
      'method=POST,route=/echo,status=415': 1,
    });
  });

  it('are at an endpoint for operators', async () => {
    const registry = new Registry();
    const server = await listen(metricsApp(registry, { logger: noLogger, urlBytes: 1_000, hosts: new Set() }), {
      host: '127.0.0.1',
      port: 0,
      urlBytes: 1_000,
    });
    const answer = await fetch(`${server.url}/metrics`);
    expect([answer.status, answer.headers.get('Content-Type')]).to.deep.equal([200, registry.contentType]);
    expect(answer.headers.get('Access-Control-Allow-Origin')).to.equal(null);
    await answer.text();
    await server.stop();
  });

  it("don't make Node warn of a leak when answers are logged and compressed, too", async () => {
    const warnings: string[] = [];
    const onWarning = ({ message }: Error) => warnings.push(message);
    process.on('warning', onWarning);
    const routes: Toy['routes'] = (router) =>
      router.get('/large', (ctx) => {
        ctx.body = { large: 'x'.repeat(10_000) };
      });
    await using server = await serve({ metrics: new Registry(), routes });
    const answer = await fetch(`${server.url}/large`);
    expect(answer.headers.get('Content-Encoding')).to.be.oneOf(['br', 'gzip']);
    await answer.text();
    process.off('warning', onWarning);
    expect(warnings).to.deep.equal([]);
  });
});
