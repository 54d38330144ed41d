import { Dashboard } from '@pulumi/aws/cloudwatch/index.js';
import * as pulumi from '@pulumi/pulumi';
import type { Balancer } from '../balancer.ts';
import { Concern, type Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import type { Cluster } from '../workers/cluster.ts';
import type { Worker } from '../workers/worker.ts';
import { toldNamespace } from './told.ts';

type Metric = readonly pulumi.Input<string | { stat: string }>[];

const [width, height, columns] = [12, 6, 2];

/** One page of graphs: requests, streams, tasks, search domain. */
export class Overview extends Concern {
  constructor(
    setting: Setting,
    parts: { resources: Resources; cluster: Cluster; balancer: Balancer; workers: ReadonlyMap<string, Worker> },
    options: pulumi.ComponentResourceOptions,
  ) {
    super('Overview', setting, options);
    const name = setting.names.of('other', 'overview');
    const { region } = setting.stack;
    const widgets = graphs(setting, parts).map(([title, metrics], at) => ({
      type: 'metric',
      x: (at % columns) * width,
      y: Math.floor(at / columns) * height,
      width,
      height,
      properties: { title, metrics: [...metrics], region, period: 300, view: 'timeSeries' },
    }));
    new Dashboard(name, { dashboardName: name, dashboardBody: pulumi.jsonStringify({ widgets }) }, this.mine);
    this.registerOutputs({});
  }
}

function graphs(
  { stack, names }: Setting,
  { resources, cluster, balancer, workers }: ConstructorParameters<typeof Overview>[1],
): readonly (readonly [string, readonly Metric[]])[] {
  const requests = (metric: string, stat: string): Metric => [
    'AWS/ApplicationELB',
    metric,
    'LoadBalancer',
    balancer.loadBalancer.arnSuffix,
    { stat },
  ];
  const stream = (metric: string, stat: string): readonly Metric[] =>
    [resources.streams.notifications, resources.streams.batches].map(({ name }) => [
      'AWS/Kinesis',
      metric,
      'StreamName',
      name,
      { stat },
    ]);
  const tasks = (metric: string): readonly Metric[] =>
    [...workers.values()].map(({ service }) => [
      'AWS/ECS',
      metric,
      'ClusterName',
      cluster.name,
      'ServiceName',
      service.name,
      { stat: 'Average' },
    ]);
  const search = (metric: string, stat: string): Metric => [
    'AWS/ES',
    metric,
    'DomainName',
    resources.search.domain,
    'ClientId',
    stack.account,
    { stat },
  ];
  const told = (metric: string, stat: string): Metric => [toldNamespace(names.stack), metric, { stat }];
  const feed = (name: pulumi.Output<string>): Metric => [
    'AWS/Firehose',
    'IncomingRecords',
    'DeliveryStreamName',
    name,
    { stat: 'Sum' },
  ];
  return [
    [
      'Requests',
      [
        requests('RequestCount', 'Sum'),
        requests('HTTPCode_Target_4XX_Count', 'Sum'),
        requests('HTTPCode_Target_5XX_Count', 'Sum'),
      ],
    ],
    ['Response time [s]', [requests('TargetResponseTime', 'p50'), requests('TargetResponseTime', 'p95')]],
    [
      'Oldest notification that is not searchable, store without a copy [s]; stages that stand still',
      ['OldestUnsearchableSeconds', 'StoreUncopiedSeconds', 'PausedStages'].map((metric) => told(metric, 'Maximum')),
    ],
    [
      'Exports that are not finished, export workers, exports that failed',
      [told('UnfinishedExports', 'Maximum'), told('ExportWorkers', 'Maximum'), told('FailedExports', 'Sum')],
    ],
    ['Oldest export that nobody has begun [s]', [told('OldestWaitingExportSeconds', 'Maximum')]],
    ['Disk left of the fullest export worker [%]', [told('ExportDiskFreePercent', 'Minimum')]],
    ['Records put', stream('IncomingRecords', 'Sum')],
    ['Age of the oldest unread record [ms]', stream('GetRecords.IteratorAgeMilliseconds', 'Maximum')],
    [
      'Notifications archived, dead letters',
      [feed(resources.archive.notifications.name), feed(resources.archive.deadLetters.name)],
    ],
    ['CPU of tasks [%]', tasks('CPUUtilization')],
    ['Memory of tasks [%]', tasks('MemoryUtilization')],
    ['Search: CPU and heap [%]', [search('CPUUtilization', 'Maximum'), search('JVMMemoryPressure', 'Maximum')]],
    ['Search: documents', [search('SearchableDocuments', 'Maximum'), search('DeletedDocuments', 'Maximum')]],
    ['Search: disk left on the fullest node [MiB]', [search('FreeStorageSpace', 'Minimum')]],
  ];
}
