import { createHash } from 'node:crypto';
import type { Bundle } from '../../../core/model/bundle.ts';
import type { Json } from '../../../core/model/metadata.ts';
import type { NormalizedBundle, NormalizedEntity, NormalizedRow } from '../../../core/model/normalized.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { setOf } from '../../rigs/hca/contribution.ts';

export type Members = Record<string, Json>;

/** A UUID made from a name, so that tests can speak of entities by name. */
export function uuid(name: string): string {
  const hex = createHash('md5').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

export const label = (text: string): Json => ({ text, ontology_label: text });

const required: Readonly<Record<string, (name: string) => Members>> = {
  project: (name) => ({ project_core: { project_short_name: name, project_title: `${name}: a title` } }),
  donor_organism: (name) => ({ ...biomaterial(name), genus_species: [label('Homo sapiens')], sex: 'female' }),
  specimen_from_organism: (name) => ({ ...biomaterial(name), organ: label('eye') }),
  cell_line: (name) => ({ ...biomaterial(name), type: 'primary' }),
  organoid: (name) => ({ ...biomaterial(name), model_organ: label('brain') }),
  sequence_file: (name) => ({ ...file(name), read_index: 'read1' }),
  analysis_file: file,
  supplementary_file: file,
  image_file: file,
  library_preparation_protocol: (name) => ({ ...protocol(name), library_construction_method: label('10x v2') }),
};

function biomaterial(name: string): Members {
  return { biomaterial_core: { biomaterial_id: name, ncbi_taxon_id: [9606] } };
}

function file(name: string): Members {
  return { file_core: { file_name: name, format: name.slice(name.lastIndexOf('.') + 1) } };
}

function protocol(name: string): Members {
  return { protocol_core: { protocol_id: name } };
}

function content(schema: string, name: string): Members {
  if (required[schema] !== undefined) return required[schema](name);
  if (schema.endsWith('process')) return { process_core: { process_id: name } };
  return schema.endsWith('protocol') ? protocol(name) : biomaterial(name);
}

/** Builds small bundles: entities by name, processes as links. Every bundle has a project. */
export class TinyBundle {
  readonly metadata: Record<string, Json> = {};
  readonly manifest: Record<string, Json> = {};
  readonly links: Json[] = [];
  readonly stitched: string[] = [];
  linksVersion = '3.0.0';
  version = '2020-01-01T00:00:00.000000Z';
  #processes = 0;

  constructor() {
    this.add('project', 'atlas');
  }

  /** Adds an entity; `more` replaces or adds members of its document. */
  add(schema: string, name: string, more: Members = {}): this {
    const key = `${schema}/${uuid(name)}`;
    this.metadata[key] = {
      describedBy: `https://schema.humancellatlas.org/type/x/1.0.0/${schema}`,
      provenance: { document_id: uuid(name), submission_date: '2019-01-01T00:00:00.000Z' },
      ...content(schema, name),
      ...more,
    };
    if (schema.endsWith('_file')) this.manifest[key] = manifestEntry(name);
    return this;
  }

  /** A process that makes outputs from inputs; the process itself is named `p0`, `p1`, … unless given. */
  make(
    inputs: string[],
    outputs: string[],
    protocols: string[] = [],
    process = `p${this.#processes++}`,
    schema = 'process',
  ): this {
    if (!Object.keys(this.metadata).some((key) => key.endsWith(uuid(process)))) this.add(schema, process);
    this.links.push({
      link_type: 'process_link',
      process_id: uuid(process),
      inputs: inputs.map((name) => ({ input_id: uuid(name) })),
      outputs: outputs.map((name) => ({ output_id: uuid(name) })),
      protocols: protocols.map((name) => ({ protocol_id: uuid(name) })),
    });
    return this;
  }

  stitch(...names: string[]): this {
    this.stitched.push(...names.map(uuid));
    return this;
  }

  bundle(): Bundle {
    const { metadata, manifest, stitched } = this;
    const links = { schema_version: this.linksVersion, links: this.links };
    return {
      fqid: { source: { id: 'a-source', spec: 'a:' }, uuid: uuid('the bundle'), version: this.version },
      contents: { metadata, manifest, links, stitched },
      repository: { drs_domain: 'drs.example.org' },
    };
  }

  normalize(): NormalizedBundle {
    return hca.normalize(this.bundle());
  }
}

function manifestEntry(name: string): Members {
  return {
    name,
    uuid: uuid(`data of ${name}`),
    version: '2020-01-01T00:00:00.000000Z',
    'content-type': 'application/octet-stream',
    size: 42,
    indexed: false,
    crc32c: '54bb9c82',
    sha256: '77337cb5',
  };
}

export function entityOf(bundle: NormalizedBundle, type: string, name: string): NormalizedEntity {
  const found = bundle.entities.find((entity) => entity.type === type && entity.id === uuid(name));
  if (found === undefined) throw new Error(`There is no ${type} of ${name}`);
  return found;
}

/** Rows of a role of an outer entity. */
export function rowsOf(bundle: NormalizedBundle, type: string, name: string, role: string): NormalizedRow[] {
  return setOf(bundle, entityOf(bundle, type, name), role).map((row) => bundle.rows[row] as NormalizedRow);
}

/** Ids of biomaterials, names of files or ids of protocols of a role of an outer entity, ascending. */
export function names(bundle: NormalizedBundle, type: string, name: string, role: string): string[] {
  const rows = rowsOf(bundle, type, name, role);
  return rows.map(({ values }) => String(values.biomaterial_id ?? values.name ?? values.workflow)).sort();
}

/** Names of the outer entities of a type that a bundle has among those named. */
export function outer(bundle: NormalizedBundle, type: string, among: readonly string[]): string[] {
  const ids = new Set(bundle.entities.filter((entity) => entity.type === type).map(({ id }) => id));
  return among.filter((name) => ids.has(uuid(name)));
}
