import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { executables } from './executables.ts';

const network = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] } };
const shared = { cluster: 'lazuli-dev-workers', operator: 'arn:operator', networkConfiguration: network };
const own = { ...shared, bootstrap: 'arn:bootstrap' };
const task = { tasks: [{ taskArn: 'arn:task' }], failures: [] };

/** Runs the script for a stack whose outputs are given, in whose account ECS answers so. */
async function bootstrap(errands: object, { started = task, code = '0', stack = 'dev' } = {}) {
  await using folder = await temporaryFolder();
  const calls = join(folder.path, 'calls');
  writeFileSync(calls, '');
  const answer = `case "$2" in run-task) echo '${JSON.stringify(started)}';; describe-tasks) echo '${code}';; esac`;
  const env = executables(folder.path, {
    pulumi: `echo '${JSON.stringify(errands)}'`,
    aws: `printf '%s\\n' "$*" >> '${calls}'\n${answer}`,
  });
  const script = join(clone, 'infra/bootstrap.sh');
  const ended = spawnSync(script, { env: { ...env, STACK: stack }, encoding: 'utf8' });
  const asked = readFileSync(calls, 'utf8').split('\n').slice(0, -1);
  return { code: ended.status, out: ended.stdout, err: ended.stderr, asked };
}

describe('The script that bootstraps a search domain', () => {
  it('runs the task where the workers are, and waits for its success', async () => {
    const { code, out, asked } = await bootstrap(own);
    expect({ code, out }).to.deep.equal({ code: 0, out: 'bootstrap ended with code 0\n' });
    const where = '--cluster lazuli-dev-workers';
    expect(asked).to.deep.equal([
      `ecs run-task ${where} --launch-type FARGATE --task-definition arn:bootstrap --network-configuration ${JSON.stringify(network)} --output json`,
      `ecs wait tasks-stopped ${where} --tasks arn:task`,
      `ecs describe-tasks ${where} --tasks arn:task --query tasks[0].containers[0].exitCode --output text`,
    ]);
  });

  it('fails where the task does, or where ECS starts none', async () => {
    expect((await bootstrap(own, { code: '1' })).code).to.equal(1);
    const failures = [{ reason: 'RESOURCE:FARGATE' }];
    const { code, err, asked } = await bootstrap(own, { started: { tasks: [], failures } as unknown as typeof task });
    expect({ code, asked: asked.length }).to.deep.equal({ code: 1, asked: 1 });
    expect(err).to.include('ECS started no bootstrap task').and.include('RESOURCE:FARGATE');
  });

  it('says of a stack that shares a domain whose domain is to be bootstrapped, and starts nothing', async () => {
    const { code, err, asked } = await bootstrap(shared, { stack: 'alice2' });
    expect({ code, asked }).to.deep.equal({ code: 2, asked: [] });
    expect(err).to.include('the stack alice2 has no bootstrap task, as it shares the search domain of another stack');
    expect(err).to.include('list alice2 in search.tenants of that stack');
  });

  it('says that no stack is named', async () => {
    const { code, err } = await bootstrap(own, { stack: '' });
    expect(code).to.not.equal(0);
    expect(err).to.include('STACK: is not set');
  });
});
