import { bounded } from './bounded.ts';

/**
 * The catalogue of everything that can go wrong on purpose.
 *
 * A code is stable: dead letters, logs, HTTP answers and documentation name it. `status` is the HTTP
 * status with which an endpoint answers; `disposition` tells the pipeline what to do with the work
 * that met the error:
 *
 * - `dead`: this item can never succeed as it is; put it with the dead letters and go on.
 * - `retry`: the same attempt may succeed later.
 * - `pause`: nothing will succeed until a person or another system acts; stop the shard, keep the work.
 * - `fatal`: an invariant is broken or this process must not go on; stop it.
 * - `refuse`: the caller made a mistake and learns of it; nothing is kept.
 */
export const errors = {
  // requests
  bad_request: { status: 400, title: 'BadRequestError', disposition: 'refuse' },
  unauthorized: { status: 401, title: 'UnauthorizedError', disposition: 'refuse' },
  forbidden: { status: 403, title: 'ForbiddenError', disposition: 'refuse' },
  not_found: { status: 404, title: 'NotFoundError', disposition: 'refuse' },
  method_not_allowed: { status: 405, title: 'MethodNotAllowedError', disposition: 'refuse' },
  conflict: { status: 409, title: 'ConflictError', disposition: 'refuse' },
  gone: { status: 410, title: 'GoneError', disposition: 'refuse' },
  request_timeout: { status: 408, title: 'RequestTimeoutError', disposition: 'refuse' },
  payload_too_large: { status: 413, title: 'PayloadTooLargeError', disposition: 'refuse' },
  unsupported_media_type: { status: 415, title: 'UnsupportedMediaType', disposition: 'refuse' },
  too_many_requests: { status: 429, title: 'TooManyRequestsError', disposition: 'retry' },
  download_failed: { status: 502, title: 'BadGatewayError', disposition: 'refuse' },
  repository_inconsistent: { status: 502, title: 'BadGatewayError', disposition: 'retry' },
  overloaded: { status: 503, title: 'Overloaded', disposition: 'retry' },
  unavailable: { status: 503, title: 'ServiceUnavailableError', disposition: 'retry' },
  layout_unknown: { status: 503, title: 'LayoutUnknown', disposition: 'retry' },
  // bundles
  bundle_missing: { status: 404, title: 'BundleMissing', disposition: 'dead' },
  bundle_not_json: { status: 422, title: 'BundleNotJson', disposition: 'dead' },
  source_contradicted: { status: 422, title: 'SourceContradicted', disposition: 'dead' },
  bundle_too_large: { status: 422, title: 'BundleTooLarge', disposition: 'dead' },
  bundle_invalid: { status: 422, title: 'BundleInvalid', disposition: 'dead' },
  plugin_faulty: { status: 500, title: 'PluginFaulty', disposition: 'dead' },
  catalog_refused: { status: 503, title: 'CatalogRefused', disposition: 'dead' },
  repository_unavailable: { status: 503, title: 'RepositoryUnavailable', disposition: 'pause' },
  // staging and store
  staging_unavailable: { status: 503, title: 'StagingUnavailable', disposition: 'pause' },
  batch_damaged: { status: 500, title: 'BatchDamaged', disposition: 'dead' },
  batch_outdated: { status: 503, title: 'BatchOutdated', disposition: 'pause' },
  store_in_use: { status: 503, title: 'StoreInUse', disposition: 'fatal' },
  store_exhausted: { status: 503, title: 'StoreExhausted', disposition: 'pause' },
  store_out_of_memory: { status: 503, title: 'StoreOutOfMemory', disposition: 'pause' },
  // streams
  record_malformed: { status: 422, title: 'RecordMalformed', disposition: 'dead' },
  stream_unavailable: { status: 503, title: 'StreamUnavailable', disposition: 'retry' },
  lease_lost: { status: 409, title: 'LeaseLost', disposition: 'fatal' },
  halted: { status: 503, title: 'Halted', disposition: 'pause' },
  // sink
  document_too_large: { status: 413, title: 'DocumentTooLarge', disposition: 'dead' },
  document_faulty: { status: 500, title: 'DocumentFaulty', disposition: 'dead' },
  document_rejected: { status: 400, title: 'DocumentRejected', disposition: 'dead' },
  index_unavailable: { status: 503, title: 'IndexUnavailable', disposition: 'pause' },
  generation_unverified: { status: 409, title: 'GenerationUnverified', disposition: 'refuse' },
  generation_unconfirmed: { status: 409, title: 'GenerationUnconfirmed', disposition: 'refuse' },
  superseded: { status: 409, title: 'Superseded', disposition: 'fatal' },
  version_violated: { status: 500, title: 'VersionViolated', disposition: 'fatal' },
  // exports
  manifest_failed: { status: 500, title: 'ChaliceViewError', disposition: 'dead' },
  export_too_large: { status: 422, title: 'ExportTooLarge', disposition: 'dead' },
  // operation
  configuration_invalid: { status: 500, title: 'ConfigurationInvalid', disposition: 'fatal' },
  in_use: { status: 409, title: 'InUse', disposition: 'fatal' },
  engine_missing: { status: 500, title: 'EngineMissing', disposition: 'fatal' },
  usage: { status: 400, title: 'UsageError', disposition: 'refuse' },
} as const satisfies Record<string, ErrorEntry>;

type ErrorEntry = { status: number; title: string; disposition: Disposition };
export type Disposition = 'dead' | 'retry' | 'pause' | 'fatal' | 'refuse';
export type ErrorCode = keyof typeof errors;

/** Where in the metadata something is wrong, so that a wrangler can correct it. */
export interface ErrorPlace {
  readonly catalog?: string;
  /** `<uuid>.<version>` */
  readonly bundle?: string;
  /** `<entity type>/<entity id>` */
  readonly entity?: string;
  /** path inside the entity, separated by dots; `$` for all of it */
  readonly field?: string;
}

/** An error of the catalogue: what was wrong, where, and what to do about it. */
export class LazuliError extends Error {
  override readonly name = 'LazuliError';
  readonly code: ErrorCode;
  readonly place: ErrorPlace;
  readonly remedy: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { place?: ErrorPlace; remedy?: string; cause?: unknown } = {},
  ) {
    super(bounded(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = options.place ?? {};
    this.remedy = options.remedy === undefined ? undefined : bounded(options.remedy);
  }

  get status(): number {
    return errors[this.code].status;
  }

  get disposition(): Disposition {
    return errors[this.code].disposition;
  }

  /** The same error with more of its place known; what is known already stays. */
  at(place: ErrorPlace): LazuliError {
    return new LazuliError(this.code, this.message, {
      place: { ...place, ...this.place },
      ...(this.remedy === undefined ? {} : { remedy: this.remedy }),
      cause: this.cause ?? this,
    });
  }
}
