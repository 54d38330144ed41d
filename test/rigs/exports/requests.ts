import { everything } from '../../../core/documents/filter.ts';
import { type ExportRequest, manifestKey } from '../../../core/exports/request.ts';

/** A request, and its key. */
export function requestOf(over: Partial<ExportRequest> = {}): {
  readonly hash: string;
  readonly request: ExportRequest;
} {
  const request: ExportRequest = {
    catalog: 'plants',
    entityType: 'sheets',
    format: 'compact',
    version: 1,
    filter: everything,
    filters: '{}',
    sources: ['a'],
    snapshot: 1,
    baseUrl: 'http://service.example',
    ...over,
  };
  return { hash: manifestKey(request).hash, request };
}
