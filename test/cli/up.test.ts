import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { isAlive, type ProcessIdentity } from '../../cli/engines/identity.ts';
import { freePair } from '../../cli/engines/ports.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { Stack } from '../rigs/cli/stack.ts';

const ready = /^ready: (http:\/\/127\.0\.0\.1:\d+)$/m;

/** One stack after the other on one data folder: each test goes on where the one before ended. */
describe('lazuli up', function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  let port = 0;
  let stack: Stack;
  const onData = (command: string): Promise<string> =>
    lazuli([...command.split(' '), '--data', folder.path, '--json']).then(({ code, out, err }) => {
      expect({ code, err: code === 0 ? '' : err }).to.deep.equal({ code: 0, err: '' });
      return out;
    });

  before(async () => {
    port = await freePair();
  });

  after(async () => {
    await stack.end('SIGKILL');
    // Whatever a failed test has left.
    if (existsSync(join(folder.path, 'lock.json'))) {
      for (const child of stack.processes().children) if (isAlive(child)) process.kill(child.pid, 'SIGKILL');
    }
    folder[Symbol.dispose]();
  });

  async function notifications(): Promise<number> {
    const { out } = await lazuli(['sql', '--data', folder.path, '--json', '-c', 'select count(*)::int n from bundles']);
    return JSON.parse(out)[0].n;
  }

  it('goes from nothing to documents that can be found, and shows URLs that work', async () => {
    stack = new Stack(folder.path, ['--model', 'hca', '--generate', '6', '--port', String(port)]);
    await stack.printing(/Try:(\n {2}\S+)+\nNotifications/);
    expect(stack.printed.match(new RegExp(ready, 'gm'))).to.deep.equal([`ready: http://127.0.0.1:${port}`]);
    const urls = stack.printed.match(/(?<=^ {2})http\S+$/gm) ?? [];
    expect(urls.length).to.be.at.least(5);
    for (const url of urls) expect((await fetch(url)).status, url).to.equal(200);
    const answer = await fetch(`http://127.0.0.1:${port}/index/projects`);
    const projects = (await answer.json()) as { pagination: { total: number } };
    expect(projects.pagination.total).to.be.at.least(1);
    expect(stack.printed).to.match(/notified \d+\/\d+ bundles.*staged.*stored.*indexed/);
  });

  it('keeps what it has from other users', () => {
    const paths = ['', ...readdirSync(folder.path, { recursive: true, encoding: 'utf8' })];
    const open = paths.filter((path) => {
      const found = lstatSync(join(folder.path, path), { throwIfNoEntry: false });
      return found !== undefined && !found.isSymbolicLink() && (found.mode & 0o077) !== 0;
    });
    expect(open).to.deep.equal([]);
  });

  it('has a status that agrees', async () => {
    const [status] = JSON.parse(await onData('status'));
    expect(status).to.deep.include({ catalog: 'hca', finished: true, failures: {}, paused: [] });
    expect(status.documents.indexed.projects).to.be.at.least(1);
    const [source] = status.sources;
    expect(source.fed).to.be.at.least(6);
    expect(source.staged).to.equal(source.fed);
  });

  it('refuses a data folder in use, and a port that is taken', async () => {
    const inUse = await lazuli(['up', '--data', folder.path]);
    expect(inUse.code).to.equal(1);
    expect(inUse.err).to.equal(
      `error: The data folder ${folder.path} is in use by process ${stack.processes().owner.pid}.\nremedy: End that process (Ctrl-C, or \`kill\` with its number), or choose another folder with --data.\n`,
    );
    using other = temporaryFolder();
    const taken = await lazuli(['up', '--data', other.path, '--port', String(port)]);
    expect(taken.code).to.equal(1);
    expect(taken.err).to.match(/^error: Port \d+, for the service, is taken by another process\.\nremedy: .*--port/);
    expect(existsSync(join(other.path, 'lock.json'))).to.equal(false);
  });

  it('indexes again into a fresh set of indices', async () => {
    const before = JSON.parse(await onData('index list'));
    expect(JSON.parse(await onData('reindex'))).to.deep.include({ catalog: 'hca', state: 'done' });
    const after = JSON.parse(await onData('index list'));
    const serving = (all: { number: number; serves: boolean }[]) => all.find(({ serves }) => serves)?.number;
    expect(serving(after)).to.be.greaterThan(serving(before) ?? 0);
  });

  it('shows that run, verifies what it came to, and goes back', async () => {
    const run = JSON.parse(await onData('runs show'));
    expect(run).to.include({ kind: 'reindex', state: 'succeeded', eta: null });
    const [last] = JSON.parse(await onData('runs list'));
    expect(last.id).to.equal(run.id);
    const { deep, ...verified } = JSON.parse(await onData('verify --deep'));
    expect(verified).to.deep.include({ generation: run.generation, differences: [], others: [], findings: [] });
    for (const number of Object.values(deep)) expect(number).to.be.greaterThan(0);
    const roles = async () => JSON.parse(await onData('generation list'));
    const [kept, serving] = await roles();
    expect([kept.role, serving.role, serving.generation]).to.deep.equal(['kept', 'serves', run.generation]);
    expect(JSON.parse(await onData('generation rollback')).generation).to.equal(kept.generation);
    expect(await roles()).to.deep.equal([
      { ...kept, role: 'serves' },
      { ...serving, role: 'kept' },
    ]);
    await onData(`generation drop --generation ${serving.generation}`);
    expect(await roles()).to.have.length(1);
  });

  it('removes a bundle that is deleted', async () => {
    const { out } = await lazuli([
      ...['sql', '--data', folder.path, '--json'],
      ...['-c', 'select bundle_uuid u, max(bundle_version) v from bundles group by 1 order by 1 limit 1'],
    ]);
    const [{ u, v }] = JSON.parse(out);
    const before = await notifications();
    expect(JSON.parse(await onData(`bundle delete ${u} ${v}`))).to.deep.include({ accepted: 1, failed: [] });
    await lazuli(['status', '--watch', '--data', folder.path]);
    expect(await notifications()).to.equal(before + 1);
  });

  it('restores that bundle', async () => {
    const { out } = await lazuli([
      ...['sql', '--data', folder.path, '--json'],
      ...['-c', "select bundle_uuid u, bundle_version v from bundles where action = 'delete' limit 1"],
    ]);
    const [{ u, v }] = JSON.parse(out);
    const selected = async () =>
      JSON.parse(await onData('source list')).reduce(
        (sum: number, source: { selected: number }) => sum + source.selected,
        0,
      );
    const before = await selected();
    expect(JSON.parse(await onData(`bundle restore ${u} ${v}`))).to.deep.include({ accepted: 1, failed: [] });
    await lazuli(['status', '--watch', '--data', folder.path]);
    expect(await selected()).to.equal(before + 1);
  });

  it('loads once more what is staged, and throws away what waits only if told twice', async () => {
    expect(JSON.parse(await onData('recompute --since TRIM_HORIZON')).batches).to.be.at.least(1);
    await lazuli(['status', '--watch', '--data', folder.path]);
    expect(JSON.parse(await onData('verify'))).to.deep.include({ differences: [], others: [] });
    const purge = await lazuli(['stream', 'purge', '--data', folder.path]);
    expect([purge.code, purge.err]).to.satisfy(([code, err]: [number, string]) => code === 2 && err.includes('--yes'));
    expect(JSON.parse(await onData('stream purge --yes'))).to.have.property('until');
    const { finished } = JSON.parse(await onData('status'))[0];
    expect(finished).to.equal(true);
  });

  it('ends every process on SIGTERM', async () => {
    const { owner, children } = stack.processes();
    expect(children).to.have.length(7);
    expect(await stack.end('SIGTERM')).to.equal(143);
    expect([owner, ...children].filter(isAlive)).to.deep.equal([]);
    expect(existsSync(join(folder.path, 'lock.json'))).to.equal(false);
  });

  it('goes on where it was, feeding nothing twice', async () => {
    const before = await notifications();
    stack = new Stack(folder.path, ['--port', String(port)]);
    await stack.printing(ready);
    expect(await notifications()).to.equal(before);
  });

  /** The servers of the stack that starts, in the moment when there are any. */
  async function starting(before: readonly ProcessIdentity[] = []): Promise<readonly ProcessIdentity[]> {
    const known = new Set(before.map(({ pid }) => pid));
    for (;;) {
      await nextTurn();
      const isFresh = ({ pid, command }: ProcessIdentity) => command.includes('OpenSearchRunner') && !known.has(pid);
      const servers = stack.started().filter(isFresh);
      if (servers.length > 0) return servers;
    }
  }

  it('cleans up after a SIGKILL, and after one in the moment when OpenSearch is started', async () => {
    const { children } = stack.processes();
    await stack.killOwner();
    stack = new Stack(folder.path, ['--port', String(port)]);
    const servers = await starting(children);
    expect(children.filter(isAlive)).to.deep.equal([]);
    await stack.killOwner();
    expect(servers.filter(isAlive)).to.deep.equal(servers);
    stack = new Stack(folder.path, ['--port', String(port)]);
    await stack.printing(ready);
    expect(servers.filter(isAlive)).to.deep.equal([]);
    expect(stack.printed).to.match(/^ending process \d+, which process \d+ left behind$/m);
  });

  it('ends every process on SIGINT and SIGHUP, too', async () => {
    const { children } = stack.processes();
    expect(await stack.end('SIGINT')).to.equal(130);
    expect(children.filter(isAlive)).to.deep.equal([]);
    stack = new Stack(folder.path, ['--port', String(port)]);
    const started = await starting();
    expect(await stack.end('SIGHUP')).to.equal(129);
    expect(started.filter(isAlive)).to.deep.equal([]);
  });
});
