import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { clone } from '../../cli/clone.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { executables } from './executables.ts';
import { at } from './made.ts';

interface Job {
  readonly if?: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes': number;
  readonly steps: readonly { readonly run?: string; readonly uses?: string; readonly with?: object }[];
}

const pipeline = parse(readFileSync(join(clone, 'infra/pipeline.yaml'), 'utf8')) as {
  readonly permissions: object;
  readonly concurrency: { readonly group: string; readonly 'cancel-in-progress': string };
  readonly jobs: Readonly<Record<string, Job>>;
};
const { jobs, concurrency } = pipeline;

/** What GitHub tells of a run. */
type Event = Readonly<Record<string, unknown>>;
const push = (ref_name: string, sha: string): Event => ({ event_name: 'push', ref_name, sha, base_ref: '', event: {} });
const pull = (base_ref: string, number: number, sha: string): Event => ({
  ...{ event_name: 'pull_request', base_ref, ref_name: `${number}/merge`, sha },
  event: { pull_request: { number } },
});

/** A text with expressions as GitHub has it for a run: those of our pipeline are JavaScript as well. */
const evaluated = (text: string, github: Event): string =>
  text.replaceAll(/\$\{\{(.+?)\}\}/g, (_all, expression: string) => String(meaning(expression, github)));

const meaning = (expression: string, github: Event): unknown =>
  new Function('github', `return ${expression.replaceAll('pull_request.', 'pull_request?.')}`)(github);

const group = (github: Event): string => evaluated(concurrency.group, github);
const cancels = (github: Event): string => evaluated(concurrency['cancel-in-progress'], github);
const runs = (name: string): readonly string[] => (jobs[name]?.steps ?? []).flatMap(({ run }) => run ?? []);

describe('The pipeline', () => {
  it('tests, builds or takes an image, then previews or deploys it, with files that exist', () => {
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).to.deep.equal([
      ['test', undefined],
      ['image', 'test'],
      ['preview', 'image'],
      ['deploy', 'image'],
    ]);
    const take = 'pulumi config set --path lazuli:stack.image "$IMAGE" --stack "$STACK"';
    expect(runs('test')).to.deep.equal(['npm ci', '.ci/run']);
    expect(runs('preview')).to.deep.equal(['npm ci', take, 'pulumi preview --diff --non-interactive --stack "$STACK"']);
    expect(runs('deploy')).to.deep.equal([
      'npm ci',
      'infra/turn.sh',
      take,
      'pulumi up --yes --non-interactive --stack "$STACK"',
      'infra/bootstrap.sh',
      'infra/smoke.js "$STACK"',
    ]);
    const files = Object.keys(jobs).flatMap((name) =>
      runs(name).flatMap((run) => run.match(/(infra|\.ci)\/[\w.]+/g) ?? []),
    );
    expect(files).to.include('infra/image.sh');
    expect(files.filter((file) => !existsSync(join(clone, file)))).to.deep.equal([]);
  });

  it('lets a newer commit of a pull request cancel what is done for its older ones, and nothing else', () => {
    const [first, second] = [pull('main', 7, 'a'), pull('main', 7, 'b')];
    expect(group(first)).to.equal(group(second));
    expect(cancels(second)).to.equal('true');
    const others = [
      push('main', 'c'),
      push('main', 'd'),
      push('prod', 'c'),
      pull('main', 8, 'b'),
      pull('prod', 9, 'b'),
    ];
    const groups = [first, ...others].map(group);
    expect(groups).to.have.length(new Set(groups).size);
    expect(groups[0]).to.include('pull_request-main');
    for (const one of others.slice(0, 3)) expect(cancels(one)).to.equal('false');
    // A job's own group would cancel those that wait in it.
    expect(Object.values(jobs).filter((job) => 'concurrency' in job)).to.deep.equal([]);
  });

  it('builds for pushes to main alone; all else takes what dev runs', () => {
    const { env = {}, environment = '' } = jobs.image ?? {};
    const of = (github: Event) => [evaluated(env.BUILDS ?? '', github), evaluated(environment, github)];
    expect(of(push('main', 'a'))).to.deep.equal(['true', 'dev']);
    for (const other of [push('prod', 'a'), pull('main', 1, 'a'), pull('prod', 1, 'a')])
      expect(of(other)).to.deep.equal(['false', 'dev-preview']);
    expect(runs('image')).to.have.length(1);
    expect(runs('image')[0]).to.include(
      'then image=$(infra/image.sh); else image=$(pulumi stack output image --stack dev)',
    );
  });

  it('deploys the stack of the branch in its environment, and previews in one that only reads', () => {
    const of = (name: string, github: Event) => {
      const { if: condition = 'true', env, environment = '' } = jobs[name] ?? {};
      if (meaning(condition, github) !== true) return null;
      return [evaluated(env?.STACK ?? '', github), evaluated(environment, github)];
    };
    expect(of('deploy', push('main', 'a'))).to.deep.equal(['dev', 'dev']);
    expect(of('deploy', push('prod', 'a'))).to.deep.equal(['prod', 'prod']);
    expect(of('deploy', pull('prod', 1, 'a'))).to.equal(null);
    expect(of('preview', pull('main', 1, 'a'))).to.deep.equal(['dev', 'dev-preview']);
    expect(of('preview', pull('prod', 1, 'a'))).to.deep.equal(['prod', 'prod-preview']);
    expect(of('preview', push('main', 'a'))).to.equal(null);
  });

  it('gives the right to take a role in AWS to those jobs alone that need one, and no longer than it is good for', () => {
    expect(pipeline.permissions).to.deep.equal({ contents: 'read' });
    const takes = ({ steps }: Job) =>
      steps.some(({ uses }) => uses?.startsWith('aws-actions/configure-aws-credentials@'));
    for (const [name, job] of Object.entries(jobs))
      expect(job.permissions?.['id-token'] === 'write', name).to.equal(takes(job));
    const { steps = [] } = jobs.deploy ?? {};
    const place = (what: string) => steps.findIndex(({ run, uses }) => (run ?? uses)?.startsWith(what));
    expect(place('infra/turn.sh')).to.be.within(0, place('aws-actions/'));
    expect(at(steps[place('aws-actions/')]?.with, 'role-duration-seconds')).to.equal(7200);
  });
});

describe('The turn of a deployment', () => {
  it('comes once all earlier ones from the branch have ended', async () => {
    await using folder = await temporaryFolder();
    const [calls, answers] = [join(folder.path, 'calls'), join(folder.path, 'answers')];
    writeFileSync(answers, '40 41\n41\n\n');
    const env = executables(folder.path, {
      gh: `printf '%s\\n' "$*" >> '${calls}'; head -n 1 '${answers}'; sed -i 1d '${answers}'`,
    });
    const github = {
      GITHUB_REPOSITORY: 'example/lazuli',
      GITHUB_WORKFLOW_REF: 'example/lazuli/.github/workflows/deploy.yaml@refs/heads/main',
      GITHUB_REF_NAME: 'main',
      GITHUB_RUN_NUMBER: '42',
    };
    const ended = spawnSync(join(clone, 'infra/turn.sh'), {
      env: { ...env, ...github, TURN_SECONDS: '0' },
      encoding: 'utf8',
    });
    expect(ended.status, ended.stderr).to.equal(0);
    expect(ended.stdout).to.equal('waiting for 40 41\nwaiting for 41\nit is the turn of 42\n');
    const [call, ...more] = readFileSync(calls, 'utf8').split('\n').slice(0, -1);
    expect(more).to.deep.equal([call, call]);
    expect(call).to.include('api repos/example/lazuli/actions/workflows/deploy.yaml/runs?branch=main&event=push');
    expect(call).to.include('.run_number < 42 and .status != "completed"');
  });
});

describe('The image of a commit', () => {
  const repository = '111122223333.dkr.ecr.us-east-1.amazonaws.com/lazuli';
  const digest = `sha256:${'a'.repeat(64)}`;

  /** Runs the script in a repository of its own, whose registry has the image at first, or once it was pushed. */
  async function image({ there = false, changed = false } = {}) {
    await using folder = await temporaryFolder();
    const [calls, pushed] = [join(folder.path, 'calls'), join(folder.path, 'pushed')];
    writeFileSync(calls, '');
    if (there) writeFileSync(pushed, '');
    const note = `printf '%s\\n' "\${0##*/} $*" >> '${calls}'`;
    const env = executables(folder.path, {
      aws: `${note}; case "$2" in batch-get-image) [ -e '${pushed}' ] && echo ${digest} || echo None;; *) echo secret;; esac`,
      docker: `${note}; echo "printed by docker"; [ "$1" != login ] || cat > /dev/null; [ "$1" != push ] || touch '${pushed}'`,
      git: `case "$1" in rev-parse) echo c0ffee;; status) ${changed ? 'echo " M file"' : ':'};; esac`,
    });
    const all = { ...env, REPOSITORY: repository, NODE_IMAGE: 'node:24@sha256:b' };
    const ended = spawnSync(join(clone, 'infra/image.sh'), { env: all, encoding: 'utf8' });
    const did = readFileSync(calls, 'utf8').split('\n').slice(0, -1);
    return {
      code: ended.status,
      out: ended.stdout,
      err: ended.stderr,
      docker: did.filter((one) => one.startsWith('docker')),
    };
  }

  it('is built, pushed, and told by its digest', async () => {
    const { code, out, docker } = await image();
    expect({ code, out }).to.deep.equal({ code: 0, out: `${repository}@${digest}\n` });
    const built =
      '--platform linux/amd64 --provenance=false --build-arg NODE_IMAGE=node:24@sha256:b --build-arg COMMIT=c0ffee';
    expect(docker).to.deep.equal([
      'docker login --username AWS --password-stdin 111122223333.dkr.ecr.us-east-1.amazonaws.com',
      `docker build ${built} --tag ${repository}:c0ffee .`,
      `docker push ${repository}:c0ffee`,
    ]);
  });

  it('is not built again where the registry has it', async () => {
    const { code, out, docker } = await image({ there: true });
    expect({ code, out, docker }).to.deep.equal({ code: 0, out: `${repository}@${digest}\n`, docker: [] });
  });

  it('is not built of what differs from the commit', async () => {
    const { code, err, docker } = await image({ changed: true });
    expect({ code, docker }).to.deep.equal({ code: 1, docker: [] });
    expect(err).to.include('what is checked out is not the commit c0ffee');
  });
});
