import { expect } from 'chai';
import * as fc from 'fast-check';
import Koa from 'koa';
import { compression } from '../../../core/http/compression.ts';
import { jsonBody } from '../../../core/http/json-body.ts';
import { merged, type Printed, printed, printedObject } from '../../../core/http/printed.ts';
import { listen } from '../../../core/http/server.ts';
import type { RequestState } from '../../../core/http/state.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText, anyTextOrHalf } from '../../rigs/texts.ts';

const textOf = ({ bytes }: Printed<unknown>): string => bytes.toString();
const object = fc.dictionary(anyText(), fc.oneof(fc.jsonValue(), anyTextOrHalf()));

describe('objects that are printed ahead', () => {
  it('are the JSON that printing them as a whole gives', () => {
    const whole = fc.property(object, object, (one, two) => {
      expect(textOf(printedObject(one))).to.equal(JSON.stringify(one));
      const all = { before: one, of: two, after: '…' };
      expect(textOf(printedObject({ ...all, of: printedObject(two) }))).to.equal(JSON.stringify(all));
    });
    fc.assert(whole, { numRuns: numRuns(1000), seed: seed() });
  });

  it('become one object with the members of all, in order', () => {
    const objects: readonly Readonly<Record<string, unknown>>[] = [{}, { a: 1 }, {}, { b: [2], c: 'ç' }, {}];
    expect(textOf(merged(objects.map((one) => printedObject(one))))).to.equal('{"a":1,"b":[2],"c":"ç"}');
    expect([textOf(merged([])), textOf(merged([printedObject<Record<string, unknown>>({})]))]).to.deep.equal([
      '{}',
      '{}',
    ]);
  });

  it('are copied to memory of their own, in one part', () => {
    const { parts } = printedObject({ a: printed([1]), b: printed([2]) }).copied();
    expect(parts.map(String)).to.deep.equal(['{"a":[1],"b":[2]}']);
    const [bytes] = parts as [Buffer];
    expect(bytes.buffer.byteLength).to.equal(bytes.length);
  });

  it('are not copied where there is one only', () => {
    const one = printedObject<Record<string, unknown>>({ a: 1 });
    expect(merged([one])).to.equal(one);
  });
});

describe('a printed body', () => {
  for (const encoding of ['identity', 'gzip']) {
    it(`is sent, and the memory that it was put together in is given back: ${encoding}`, async () => {
      const kept = printed('x'.repeat(100_000));
      const bodies: Buffer[] = [];
      const app = new Koa<RequestState>();
      app.use(compression());
      app.use(async (ctx, next) => {
        await next();
        bodies.push(ctx.body as Buffer);
      });
      app.use(jsonBody);
      app.use((ctx) => {
        ctx.body = kept;
      });
      const server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: 1000 });
      try {
        const answer = await fetch(server.url, { headers: { 'Accept-Encoding': encoding } });
        expect(await answer.text()).to.equal(textOf(kept));
      } finally {
        await server.stop();
      }
      expect(bodies.map(({ length }) => length)).to.deep.equal([0]);
    });
  }
});
