import { type ErrorCode, errors } from '../../config/errors.ts';
import { errorBody } from '../errors.ts';
import type { Operation } from '../operation.ts';

/** What any operation may refuse with: parameters that are wrong, and URLs that are too long. */
const always: readonly ErrorCode[] = ['bad_request', 'payload_too_large'];

/** Where it matters who calls, a provider and a repository may have to be asked. */
const askingOthers: readonly ErrorCode[] = [
  ...(['unauthorized', 'too_many_requests', 'repository_inconsistent', 'unavailable'] as const),
];

const content = { 'application/json': { schema: errorBody.meta({ id: 'Error' }) } };
const headers = {
  401: { 'WWW-Authenticate': { description: 'How to authorize.', schema: { type: 'string' } } },
  503: { 'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'integer' } } },
} as const;

/** Answers other than success, by status. */
export function refusalResponses({ refusals = [], authenticated, body }: Operation) {
  const codes: readonly ErrorCode[] = [
    ...always,
    ...(authenticated ? askingOthers : []),
    ...(body === undefined ? [] : (['unsupported_media_type'] as const)),
    ...refusals,
  ];
  const statuses = Map.groupBy([...new Set(codes)], (code) => errors[code].status);
  return Object.fromEntries([...statuses].map(([status, found]) => [status, refusalResponse(status, found)]));
}

function refusalResponse(status: number, codes: readonly ErrorCode[]) {
  const description = `\`${codes.map((code) => errors[code].title).join('`, `')}\``;
  return { description, content, ...(status === 401 || status === 503 ? { headers: headers[status] } : {}) };
}
