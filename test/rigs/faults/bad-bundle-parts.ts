import type { GeneratedBundle } from '../../../core/model/generator.ts';
import { Random } from '../../../core/model/random.ts';
import { generateBundles } from '../models/generated.ts';

type Members = Record<string, unknown>;

/** The parts of a generated bundle, to be spoiled. */
export interface Template {
  readonly random: Random;
  readonly manifest: Record<string, Members>;
  readonly metadata: Record<string, Members>;
  readonly links: { readonly schema_version: string; readonly links: Members[] };
  readonly stitched: readonly string[];
}

export function templateOf({ fqid, text }: GeneratedBundle): Template {
  return { ...(JSON.parse(text) as Omit<Template, 'random'>), random: new Random('bad', fqid.uuid) };
}

/** Valid bundles of projects that share nothing, with typed links, unwrapped content, a donor and sequences. */
export function* templates(seed: string | number): Generator<GeneratedBundle, undefined> {
  const options = { seed: `bad ${seed}`, bundles: 1000, skew: 0, versions: 0, deletions: 0 };
  for (const bundle of generateBundles(options)) {
    const { metadata, links, stitched } = templateOf(bundle);
    const types = new Set(Object.keys(metadata).map((key) => key.split('/')[0]));
    const whole = ['donor_organism', 'cell_suspension', 'sequence_file'].every((type) => types.has(type));
    const typed = links.links.every(({ link_type }) => link_type === 'process_link');
    if (whole && typed && stitched.length === 0) yield bundle;
  }
}

export function printed({ manifest, metadata, links, stitched }: Template): string {
  return JSON.stringify({ manifest, metadata, links, stitched });
}

/** `<type>/<id>` of the first entity of the type. */
export function keyOf({ metadata }: Template, type: string): string {
  const key = Object.keys(metadata).find((one) => one.startsWith(`${type}/`));
  if (key === undefined) throw new Error(`The bundle has no ${type}`);
  return key;
}

/** Its document, to be changed. */
export function documentOf(template: Template, type: string): Members {
  return template.metadata[keyOf(template, type)] as Members;
}

const idOf = (template: Template, type: string): string => keyOf(template, type).slice(type.length + 1);

/** The manifest entry of the first file of the type, to be changed. */
export function entryOf(template: Template, type: string): Members {
  return template.manifest[keyOf(template, type)] as Members;
}

const mebibyte = 2 ** 20;

/** Adds protocols that nothing refers to, a mebibyte each. */
export function fatten(template: Template, mebibytes: number): void {
  const protocol = documentOf(template, 'collection_protocol');
  for (let i = 0; i < mebibytes; i++) {
    const id = template.random.uuid();
    const provenance = { ...(protocol.provenance as Members), document_id: id };
    template.metadata[`collection_protocol/${id}`] = { ...protocol, provenance, notes: 'lazuli '.repeat(mebibyte / 7) };
  }
}

/** Adds files with as little as a file can have to the step that makes sequences, until there are so many entities. */
export function crowd(template: Template, entities: number): void {
  const file = documentOf(template, 'sequence_file');
  const id = idOf(template, 'sequence_file');
  const made = template.links.links.find(({ outputs }) => JSON.stringify(outputs).includes(id));
  const outputs = made?.outputs as Members[];
  const entry = entryOf(template, 'sequence_file');
  for (let count = Object.keys(template.metadata).length; count < entities; count++) {
    const added = template.random.uuid();
    const name = `${count}.fastq.gz`;
    template.metadata[`sequence_file/${added}`] = {
      describedBy: file.describedBy,
      file_core: { file_name: name, format: 'fastq.gz' },
      read_index: 'read1',
      provenance: { document_id: added, submission_date: '2020-01-01T00:00:00Z' },
    };
    template.manifest[`sequence_file/${added}`] = {
      ...entry,
      name,
      uuid: added,
      s3_etag: undefined,
      sha1: undefined,
      drs_uri: undefined,
    };
    outputs.push({ output_id: added, output_type: 'sequence_file' });
  }
}

/** Adds a second project. */
export function addProject(template: Template): void {
  const id = template.random.uuid();
  const project = documentOf(template, 'project');
  template.metadata[`project/${id}`] = {
    ...project,
    provenance: { ...(project.provenance as Members), document_id: id },
  };
}

/** Names an input that the bundle doesn't hold. */
export function dangle(template: Template): void {
  const inputs = template.links.links[0]?.inputs as Members[];
  inputs.push({ input_id: template.random.uuid(), input_type: 'donor_organism' });
}

/** Hides what a donor must say behind a member that JavaScript takes for the prototype. */
export function inherit(template: Template): void {
  const key = keyOf(template, 'donor_organism');
  const { sex, ...rest } = template.metadata[key] as Members;
  template.metadata[key] = JSON.parse(
    JSON.stringify(rest).replace('{', `{"__proto__":${JSON.stringify({ sex })},`),
  ) as Members;
}

/** Makes the donor from the suspension, which was made from the donor. */
export function bend(template: Template): void {
  const donor = idOf(template, 'donor_organism');
  const id = template.random.uuid();
  const process = documentOf(template, 'process');
  template.metadata[`process/${id}`] = {
    ...process,
    provenance: { ...(process.provenance as Members), document_id: id },
  };
  template.links.links.push({
    link_type: 'process_link',
    process_id: id,
    process_type: 'process',
    inputs: [{ input_id: idOf(template, 'cell_suspension'), input_type: 'cell_suspension' }],
    outputs: [{ output_id: donor, output_type: 'donor_organism' }],
    protocols: [],
  });
}
