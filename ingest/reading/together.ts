import { LazuliError } from '../../core/config/errors.ts';
import { ingestStage } from '../../core/config/stages.ts';
import { recordsFor, reportsFor } from '../../core/deployment/stores.ts';
import { type Report, type Reports, reportOf } from '../../core/runs/reports.ts';
import { Sole } from '../../core/runs/sole.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import type { Consumer, ConsumerStatus } from '../../core/streams/consumer.ts';
import { startKclConsumer } from '../../core/streams/kcl/consumer.ts';
import { LeaseTable } from '../../core/streams/kcl/leases.ts';
import { KclProgress } from '../../core/streams/kcl/progress.ts';
import type { Reading, ReadingParts } from './reading.ts';

/** What a worker needs to read by the Kinesis Client Library. */
export interface KclDriver {
  /** folder with its jars */
  readonly jars: string;
  /** tells the workers of the deployment apart; the same after a restart, so that it finds its shards again */
  readonly worker: string;
}

/** What another worker last said of itself counts for so many milliseconds. */
const freshMillis = 30_000;

/** Reads those shards that the Kinesis Client Library gives to this worker. One of all reports for the stage. */
export class ReadingTogether implements Reading {
  readonly #worker: string;
  readonly #consumer: Consumer;
  readonly #leases: LeaseTable;
  readonly #progress: KclProgress;
  readonly #reports: Reports;
  readonly #sole: Sole;
  readonly #stop = new AbortController();
  /** whether this worker reports for all */
  #tells = false;

  /** @throws LazuliError `configuration_invalid` where there is no table for leases */
  constructor({ settings, client, staging, factory, paces, logger }: ReadingParts, { jars, worker }: KclDriver) {
    const { kinesis, dynamodb, deployment } = settings;
    if (dynamodb === undefined) throw noTable();
    const { notifications: stream, region, endpoint, kcl } = kinesis;
    const application = kcl.application ?? `lazuli-${deployment}-${ingestStage}`;
    const place = { stream, region, kinesis: endpoint, dynamodb: dynamodb.endpoint };
    this.#worker = worker;
    this.#reports = reportsFor(settings);
    this.#consumer = startKclConsumer({ ...paces, place, kcl: { ...kcl, application, worker }, jars, factory, logger });
    this.#leases = new LeaseTable({ ...dynamodb, table: application });
    this.#progress = new KclProgress({ client, stream, leases: this.#leases, clock: systemClock });
    const records = recordsFor(settings, staging);
    this.#sole = new Sole({ name: ingestStage, worker, records, clock: systemClock, logger });
  }

  get done(): Promise<void> {
    return this.#consumer.done;
  }

  status(): Promise<ConsumerStatus> {
    return this.#progress.look(this.#consumer.status(), this.#stop.signal);
  }

  async report(at: number, before: Report | null): Promise<Report | null> {
    const own = this.#consumer.status();
    await this.#reports.put(nameOf(this.#worker), reportOf(own, at, null));
    if (!this.#tells) return null;
    const { workers, ...all } = await this.#progress.look(own, this.#stop.signal);
    const whole = reportOf(all, at, before);
    if (isTroubled(whole)) return whole;
    for (const worker of workers) {
      const other = await this.#reports.get(nameOf(worker));
      if (other === null || at - other.at > freshMillis || !isTroubled(other)) continue;
      return { ...whole, paused: other.paused, unreadable: other.unreadable };
    }
    return whole;
  }

  alone(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    return this.#sole.run(async (signal) => {
      this.#tells = true;
      try {
        await work(signal);
      } finally {
        this.#tells = false;
      }
    });
  }

  async stop(): Promise<void> {
    this.#sole.stop();
    await this.#consumer.stop();
    this.#stop.abort();
    this.#leases.close();
  }
}

/** Under which a worker reports for itself. */
const nameOf = (worker: string): string => `${ingestStage}.${worker}`;

const isTroubled = ({ paused, unreadable }: Report): boolean => paused !== null || unreadable !== null;

const noTable = (): LazuliError =>
  new LazuliError(
    'configuration_invalid',
    'The Kinesis Client Library keeps its leases in DynamoDB, and the settings name no table.',
    { remedy: 'Set `dynamodb`, or run one ingest worker without `--driver kcl`.' },
  );
