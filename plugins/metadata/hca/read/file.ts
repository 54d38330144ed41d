import { isObject, type JsonObject, type Members } from '../members.ts';
import type { DataFile, Values } from './entities.ts';

type Facts = Pick<DataFile, 'format' | 'contentDescription' | 'source' | 'extra' | 'description'>;

/** What documents need of a data file's metadata (specification, plugin-hca 2.2 and 4.2). */
export function readFile(schema: string, json: Members, content: Members): Facts {
  const core = content.object('file_core');
  return {
    format: core.text('format', 'file_format'),
    contentDescription: core.labels('content_description'),
    source: core.optionalText('file_source'),
    extra: extraValues(schema, content),
    description: schema === 'supplementary_file' ? description(json) : undefined,
  };
}

function extraValues(schema: string, content: Members): Values {
  if (schema === 'sequence_file') {
    return { read_index: content.text('read_index'), lane_index: content.optionalInteger('lane_index') };
  }
  if (schema === 'analysis_file') return { matrix_cell_count: content.optionalCount('matrix_cell_count') };
  return {};
}

function description(json: Members): string | null | undefined {
  return json.find('file_description') === undefined ? undefined : json.text('file_description');
}

/**
 * The document with `/` for every `!` in the file's name, which is how documents and replicas show
 * it (specification, plugin-hca 2.2); the very same object where there is none.
 */
export function withSlashes(json: Members, content: Members): JsonObject {
  const core = content.object('file_core');
  const name = core.fullText('file_name');
  if (!name.includes('!')) return json.json;
  const renamed = { ...content.json, file_core: { ...core.json, file_name: name.replaceAll('!', '/') } };
  return isObject(json.value('content')) ? { ...json.json, content: renamed } : renamed;
}
