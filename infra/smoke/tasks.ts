import { z } from 'zod';
import { asked } from './commands.ts';
import { SmokeFailure } from './failure.ts';
import type { SmokeOutputs } from './outputs.ts';

/** ECS describes no more services at a time. */
const servicesAtOnce = 10;

const deployment = z.object({
  status: z.string(),
  taskDefinition: z.string(),
  desiredCount: z.int(),
  runningCount: z.int(),
  rolloutStateReason: z.string().optional(),
});
const service = z.object({ serviceName: z.string(), deployments: z.array(deployment) });
const described = z.object({ services: z.array(service) });

type Service = z.output<typeof service>;

/**
 * Compares the task definitions that run with those of the stack. A deployment that ECS has rolled back is steady as well:
 * it runs the former ones.
 *
 * @returns how many services were compared
 * @throws SmokeFailure that names each service that runs something else
 */
export async function checkTasks({ services: { cluster, taskDefinitions } }: SmokeOutputs): Promise<number> {
  const names = Object.keys(taskDefinitions);
  const found = new Map<string, Service>();
  for (let at = 0; at < names.length; at += servicesAtOnce) {
    const some = names.slice(at, at + servicesAtOnce);
    const args = ['ecs', 'describe-services', '--cluster', cluster, '--services', ...some, '--output', 'json'];
    for (const one of (await asked(described, 'aws', args)).services) found.set(one.serviceName, one);
  }
  const wrong = Object.entries(taskDefinitions).flatMap(([name, wanted]) => wrongWith(name, wanted, found.get(name)));
  if (wrong.length > 0) {
    throw new SmokeFailure(
      wrong.join('\n'),
      'Read the log of the tasks that ended (`aws ecs describe-services` names them), fix the cause, and deploy again.',
    );
  }
  return names.length;
}

function wrongWith(name: string, wanted: string, found: Service | undefined): readonly string[] {
  if (found === undefined) return [`${name}: ECS has no such service`];
  const others = found.deployments.filter(({ taskDefinition }) => taskDefinition !== wanted);
  const running = others.filter(({ runningCount, status }) => runningCount > 0 || status === 'PRIMARY');
  if (running.length > 0) {
    return running.map(({ taskDefinition, runningCount, rolloutStateReason }) => {
      const reason = rolloutStateReason === undefined ? '' : ` (${rolloutStateReason})`;
      return `${name}: ${runningCount} tasks run ${taskDefinition}, and the stack's is ${wanted}: was it rolled back?${reason}`;
    });
  }
  const primary = found.deployments.find(({ status }) => status === 'PRIMARY');
  if (primary === undefined) return [`${name}: ECS deploys nothing`];
  const { runningCount, desiredCount } = primary;
  return runningCount > 0 && runningCount >= desiredCount
    ? []
    : [`${name}: ${runningCount} of ${Math.max(1, desiredCount)} tasks run`];
}
