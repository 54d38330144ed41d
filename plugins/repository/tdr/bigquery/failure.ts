import { z } from 'zod';

/** What an error of BigQuery's client has of interest; it may hold the request, too, and with it a token. */
const errorSchema = z.object({
  message: z.string().catch('unknown'),
  code: z.union([z.number(), z.string()]).optional().catch(undefined),
  errors: z
    .array(z.object({ reason: z.string().optional(), message: z.string().optional() }))
    .optional()
    .catch(undefined),
});

/** Statuses of what a job that has begun failed of, by BigQuery's own reasons. */
const statuses: Readonly<Record<string, number>> = {
  ...{ backendError: 503, jobBackendError: 503, badGateway: 502, internalError: 500, jobInternalError: 500 },
  ...{
    rateLimitExceeded: 403,
    jobRateLimitExceeded: 403,
    quotaExceeded: 403,
    accessDenied: 403,
    billingNotEnabled: 403,
  },
  ...{ notFound: 404, duplicate: 409, invalid: 400, invalidQuery: 400, bytesBilledLimitExceeded: 400, timeout: 400 },
};
const maxMessage = 500;

/** Why BigQuery did not do what it was asked to do. */
export class Failure extends Error {
  /** of HTTP, or what it would be; null where there was no answer */
  readonly status: number | null;

  constructor(message: string, status: number | null) {
    super(message);
    this.status = status;
  }

  /** @param thrown by BigQuery's client */
  static of(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown;
    const { data } = errorSchema.safeParse(thrown);
    const { message, code, errors: [first] = [] } = data ?? { message: 'unknown' };
    const reason = first?.reason ?? (typeof code === 'string' ? code : undefined);
    const status = typeof code === 'number' ? code : (statuses[reason ?? ''] ?? null);
    const said = (first?.message ?? message).slice(0, maxMessage);
    const shown = [status, reason].filter((one) => one !== null && one !== undefined).join(' ');
    return new Failure(shown === '' ? said : `${shown}: ${said}`, status);
  }

  /** Whether trying again may help (specification, repository-plugins 4.3), as where a connection broke. */
  get mayPass(): boolean {
    if (this.status === null || this.status >= 500) return true;
    if (this.status === 403) return this.message.includes('Exceeded rate limits');
    return this.status === 400 && /\breservation\b/i.test(this.message);
  }
}
