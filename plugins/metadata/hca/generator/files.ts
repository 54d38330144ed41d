import { Random } from '../../../../core/model/random.ts';
import { canonical } from './moments.ts';
import { define, type Entity, type Extras, type Fields, named, type Scene } from './scene.ts';
import { ontologized } from './terms.ts';
import type { Term } from './vocabulary.ts';

/** A file to be. `name` is as the submitter wrote it: `!` stands for `/` in it. */
export interface FileSpec {
  readonly key: string;
  readonly name: string;
  readonly format: string;
  readonly contents?: readonly Term[];
  /** title of a submitter (specification, plugin-hca 4.6) */
  readonly source?: string | null;
  readonly submitterId?: string | null;
  /** the file's other fields */
  readonly fields?: Fields;
}

export type FileType = 'sequence_file' | 'analysis_file' | 'supplementary_file' | 'image_file' | 'reference_file';

/** A file with its manifest entry. Second versions of bundles bring new data of the files that they add. */
export function fileOf(scene: Scene, type: FileType, spec: FileSpec): Entity {
  const extras: Extras = {
    bare: type === 'supplementary_file',
    ...(spec.submitterId === undefined ? {} : { submitterId: spec.submitterId }),
  };
  const entity = define(
    scene,
    type,
    spec.key,
    (random) => ({ file_core: coreOf(scene, random, spec), ...spec.fields }),
    extras,
  );
  return { ...entity, manifest: manifestOf(scene, entity.id, spec) };
}

function coreOf(scene: Scene, random: Random, { name, format, contents, source }: FileSpec): Fields {
  return {
    file_name: name,
    [named(scene, 'format', 'file_format')]: format,
    content_description: contents?.map((one) => ontologized(random, one)),
    file_source: source,
  };
}

const mediaTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  'fastq.gz': 'application/gzip',
  csv: 'text/csv',
};

function manifestOf(scene: Scene, id: string, { name, format }: FileSpec): Fields {
  const random = new Random(id, scene.version);
  const uuid = new Random(id).uuid();
  const kept = random.between(0, 9);
  return {
    name,
    uuid,
    version: canonical(scene.project.submitted + scene.version * 86_400_000, random.between(0, 999)),
    'content-type': `${mediaTypes[format] ?? 'application/octet-stream'}; dcp-type=data`,
    size: random.next() * (kept === 0 ? 40 : 1),
    indexed: false,
    crc32c: random.hex(4),
    sha256: random.hex(32),
    sha1: kept < 7 ? random.hex(20) : undefined,
    s3_etag: kept < 6 ? `${random.hex(16)}-${kept + 1}` : kept === 7 ? null : undefined,
    drs_uri: scene.dialect.old ? undefined : `drs://data.example/v1_${uuid}`,
  };
}
