import { systemClock } from '../../../../core/runtime/clock.ts';
import { Queries, type QueriesParts } from '../../../../plugins/repository/tdr/bigquery/queries.ts';
import { BigQueryService } from '../../../../plugins/repository/tdr/bigquery/service.ts';

/** Queries of an account that some server has to know as `Bearer a token`. */
export function queriesAt(endpoint: string, parts: Partial<QueriesParts> = {}): Queries {
  const authorization = async () => 'Bearer a token';
  return new Queries({
    service: new BigQueryService({ project: 'payer', endpoint, authorization }),
    ...{ location: 'US', priority: 'interactive', maximumBytesBilled: 2 ** 40, queryMillis: 60_000, pageRows: 100 },
    clock: systemClock,
    ...parts,
  });
}
