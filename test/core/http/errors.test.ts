import { expect } from 'chai';
import { type ErrorCode, errors, LazuliError } from '../../../core/config/errors.ts';
import { serve, type Toy } from './served.ts';

/** A server of which one path fails like that. */
const failing = (error: unknown, options: Toy = {}) =>
  serve({
    ...options,
    routes: (router) =>
      router.get('/fail', () => {
        throw error;
      }),
  });

async function answerTo(error: unknown, options?: Toy) {
  await using server = await failing(error, options);
  const response = await fetch(`${server.url}/fail`);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const ours = { Code: 'InternalServerError', Message: 'An internal server error occurred.' };

describe('an error', () => {
  it('of any code is answered with its status: those of the caller in full, ours not at all', async () => {
    for (const code of Object.keys(errors) as ErrorCode[]) {
      const { status, title } = errors[code];
      const answer = await answerTo(new LazuliError(code, 'No good.', { remedy: 'Do better.' }));
      const Code = status === 503 ? 'ServiceUnavailableError' : title;
      expect({ status: answer.status, body: answer.body }, code).to.deep.equal({
        status,
        // What came of a job that the caller asked for is the caller's to know.
        body: status === 500 && code !== 'manifest_failed' ? ours : { Code, Message: 'No good. Do better.' },
      });
      expect(answer.headers.get('Retry-After'), code).to.equal([429, 503].includes(status) ? '5' : null);
    }
  });

  it('that nobody foresaw tells nothing', async () => {
    const { status, body } = await answerTo(new TypeError('inner details'));
    expect({ status, body }).to.deep.equal({ status: 500, body: ours });
  });

  it('has a remedy as a sentence of its own', async () => {
    const { body } = await answerTo(new LazuliError('not_found', "There is no 'x'", { remedy: 'Choose one of: y.' }));
    expect(body).to.deep.equal({ Code: 'NotFoundError', Message: "There is no 'x'. Choose one of: y." });
  });

  it('of authorization says how to authorize, where there is a way', async () => {
    const error = new LazuliError('unauthorized', 'Who are you?');
    expect((await answerTo(error, { challenge: 'Bearer' })).headers.get('WWW-Authenticate')).to.equal('Bearer');
    expect((await answerTo(error)).headers.get('WWW-Authenticate')).to.equal(null);
  });

  it('is made of paths and methods that no route has', async () => {
    await using server = await serve({ unknownPathRemedy: 'Look elsewhere.' });
    const unknown = await fetch(`${server.url}/nosuch`);
    expect([unknown.status, await unknown.json()]).to.deep.equal([
      404,
      { Code: 'NotFoundError', Message: 'There is nothing at /nosuch. Look elsewhere.' },
    ]);
    for (const method of ['DELETE', 'PROPFIND']) {
      const response = await fetch(`${server.url}/echo`, { method });
      expect([response.status, response.headers.get('Allow'), await response.json()]).to.deep.equal([
        405,
        'POST',
        { Code: 'MethodNotAllowedError', Message: `Unsupported method: ${method}. Use POST.` },
      ]);
    }
  });
});
