import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { idOf, type Scene, startScene } from './signed-in-scene.ts';

const filled: Readonly<Record<string, string>> = {
  ...{ entity_type: 'files', entity_id: idOf('lung'), file_uuid: idOf('lung'), object_id: idOf('lung') },
  ...{ access_id: 'https', keys: 'elasticsearch', token: 'none', object: 'none', file: 'none' },
};

/** Every operation that the document of the service has. */
async function operationsOf({ ask }: Scene): Promise<readonly (readonly [method: string, path: string])[]> {
  const { paths } = (await ask(undefined, '/openapi')).json as { paths: Record<string, Record<string, object>> };
  return Object.entries(paths).flatMap(([path, methods]) => {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? 'none');
    const known = Object.keys(methods).filter((method) => /^(get|head|put|post|options)$/.test(method));
    return known.map((method) => [method.toUpperCase(), url] as const);
  });
}

/** Whatever is in a folder, names of files too. */
function textOf(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const texts = entries.map((entry) =>
    entry.isFile() ? readFileSync(join(entry.parentPath, entry.name), 'latin1') : '',
  );
  return [...entries.map(({ name }) => name), ...texts].join('\n');
}

describe('The token of a caller', () => {
  let scene: Scene;
  before(async () => {
    scene = await startScene();
  });
  after(() => scene[Symbol.asyncDispose]());

  it('shows in no answer, log, metric, job or file, whatever is asked with it, valid or not', async () => {
    const { oidc, ask, logged, metrics, folder } = scene;
    const jwt = await oidc.token('ann');
    const opaque = await oidc.token('bob', { format: 'opaque' });
    const revoked = await oidc.token('bob', { format: 'opaque' });
    await oidc.revoke(revoked);
    const tokens = [
      ...[jwt, opaque, revoked, await oidc.token('eve', { issued: 1_700_000_000 }), `${jwt.slice(0, -12)}MarkedMarked`],
      ...[
        'marked-token-of-nobody-at-all',
        `marked${'x'.repeat(9_000)}`,
        'marked in two words',
        'märked-with-an-umlaut',
      ],
    ];
    // Those of JWTs begin alike; what only one has is its end.
    const marks = tokens.map((token) => token.slice(-12)).map((mark) => mark.trim());
    const shown: string[] = [];
    const operations = await operationsOf(scene);
    expect(operations.length).to.be.greaterThan(25);
    for (const condition of ['up', 'unavailable'] as const) {
      oidc.condition = condition;
      for (const token of condition === 'up' ? tokens : [opaque, tokens[5] ?? ''])
        for (const [method, path] of operations) {
          const body = method === 'POST' || method === 'PUT' ? { bulk_object_ids: [idOf('lung')] } : undefined;
          const got = await ask(token, path, method, body);
          shown.push(got.text, ...[...got.headers].flat());
        }
    }
    oidc.condition = 'up';
    shown.push(...logged, await metrics.metrics(), textOf(folder));
    expect(logged.length).to.be.greaterThan(operations.length * tokens.length - 1);
    const all = shown.join('\n');
    expect(marks.filter((mark) => all.includes(mark))).to.deep.equal([]);
  });

  it('is part of the command that downloads the files of a list, for that caller alone', async () => {
    const { oidc, ask } = scene;
    const [ann, bea] = [await oidc.token('ann'), await oidc.token('bea')];
    const path = '/fetch/manifest/files?format=curl';
    await ask(ann, path, 'PUT');
    await scene.finish(await scene.claim('curl'), 'url="http://x"\n', { name: 'some.curlrc' });
    const commands = async (token: string) => (await ask(token, path, 'PUT')).text;
    expect(await commands(ann))
      .to.include(`Bearer ${ann}`)
      .and.not.include(bea);
    expect(await commands(bea))
      .to.include(`Bearer ${bea}`)
      .and.not.include(ann);
    expect(textOf(scene.folder)).to.not.include(ann.slice(-12));
  });
});
