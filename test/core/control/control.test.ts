import { expect } from 'chai';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { clientOf } from '../../../core/control/client.ts';
import { type Handlers, nothing, order, question } from '../../../core/control/declaration.ts';
import { serve } from '../../../core/control/serve.ts';
import { Refused } from '../../../core/http/ask-json.ts';
import { operatorsApp } from '../../../core/http/operators-app.ts';
import { type Listening, listen } from '../../../core/http/server.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { type Answered, conformanceTo, type OpenApi } from '../../rigs/http/conformance.ts';

const room = z.strictObject({ room: z.string().max(20) });

const library = {
  shelves: question({
    ...{ method: 'get', path: '/shelves', given: nothing, answer: z.object({ shelves: z.int() }) },
    summary: 'How many shelves there are',
  }),
  books: question({
    ...{ method: 'get', path: '/books/{room}', given: room, answer: z.array(z.string()), refusals: ['not_found'] },
    summary: 'Which books are in a room',
  }),
  lend: question({
    ...{ method: 'post', path: '/lend', given: room.extend({ title: z.string() }), status: 202 },
    ...{ answer: z.object({ room: z.string(), until: z.string() }), refusals: ['conflict'], deprecated: true },
    summary: 'Lends a book',
  }),
  dust: order({
    ...{ method: 'post', path: '/dust', given: room.extend({ wet: z.boolean().default(false) }), how: ['wet'] },
    summary: 'Dusts a room',
  }),
};

describe('Operations that are declared once', () => {
  const done: unknown[] = [];
  const handlers: Handlers<typeof library> = {
    shelves: async () => ({ shelves: 3 }),
    books: async ({ room }) => [`a book in ${room}`],
    lend: async ({ room, title }) => {
      if (title === 'lost') throw new LazuliError('conflict', 'It is lost', { remedy: 'Read another one.' });
      // As one who mixes rooms up.
      return { room: title === 'odd' ? 'another' : room, until: 'May' };
    },
    dust: async (what) => void done.push(what),
  };
  let server: Listening;
  const port = {
    title: 'Library',
    description: 'Books.',
    operations: serve(library, handlers),
  };
  before(async () => {
    const app = operatorsApp(port, { logger: noLogger, urlBytes: 1_000, hosts: new Set() });
    server = await listen(app, { host: '127.0.0.1', port: 0, urlBytes: 1_000 });
  });
  after(() => server.stop());
  const client = () => clientOf(library, { name: 'The library', url: server.url });
  const thrown = (asking: Promise<unknown>): Promise<unknown> => asking.catch((error: unknown) => error);

  it('are handled by the server as the client asks for them', async () => {
    expect(await client().shelves()).to.deep.equal({ shelves: 3 });
    expect(await client().books({ room: 'a/b c' })).to.deep.equal(['a book in a/b c']);
    expect(await client().lend({ room: 'a', title: 't' })).to.deep.equal({ room: 'a', until: 'May' });
    expect(await client().dust({ room: 'a' })).to.equal(undefined);
    await client().dust({ room: 'b', wet: true });
    expect(done.splice(0)).to.deep.equal([
      { room: 'a', wet: false },
      { room: 'b', wet: true },
    ]);
  });

  it('are refused in words that the client hears', async () => {
    const error = await thrown(client().lend({ room: 'a', title: 'lost' }));
    expect(error).to.be.instanceOf(Refused).and.include({ answered: 409, told: 'It is lost. Read another one.' });
  });

  it('reach nobody where what is said is not as declared', async () => {
    const error = await thrown(client().dust({ room: 'a room whose name is too long' }));
    expect(error).to.be.instanceOf(Refused).with.property('answered', 400);
    expect(error)
      .to.have.property('told')
      .that.matches(/not what is expected here: .*at room.*\/openapi names/s);
    expect(done).to.deep.equal([]);
  });

  it('are not believed where the answer is about something else', async () => {
    const error = await thrown(client().lend({ room: 'a', title: 'odd' }));
    expect(error).to.be.instanceOf(LazuliError).with.property('code', 'unavailable');
  });

  it('are documented by the port that has them, as they are answered', async () => {
    const document = (await (await fetch(`${server.url}/openapi`)).json()) as OpenApi;
    const paths = ['/shelves', '/books/{room}', '/lend', '/dust', '/health/basic', '/openapi'];
    expect(Object.keys(document.paths)).to.have.members(paths);
    expect(document).to.have.nested.property('paths./lend.post.deprecated', true);
    const conforms = conformanceTo(document);
    const requests = [
      ['GET', '/shelves'],
      ['GET', '/books/a'],
      ['GET', '/health/basic'],
      ['POST', '/lend', { room: 'a', title: 't' }],
      ['POST', '/lend', { room: 'a', title: 'lost' }],
      ['POST', '/dust', { room: 'a', wet: true }],
      ['POST', '/dust', { rooms: 'all' }],
    ] as const;
    for (const [method, path, body] of requests)
      expect(conforms(await answered(method, path, body))).to.equal(undefined);
  });

  async function answered(method: string, path: string, body: unknown): Promise<Answered> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(server.url + path, { method, headers, ...sent });
    return { method, path, status: response.status, body: await response.json() };
  }
});
