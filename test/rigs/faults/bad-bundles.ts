import type { ErrorCode } from '../../../core/config/errors.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import {
  addProject,
  bend,
  crowd,
  dangle,
  documentOf,
  entryOf,
  fatten,
  inherit,
  keyOf,
  printed,
  type Template,
  templateOf,
  templates,
} from './bad-bundle-parts.ts';

/** A bundle that a careless or hostile submitter might send, and what must become of it. */
export interface BadBundle {
  readonly name: string;
  readonly fqid: BundleFqid;
  /** makes the file; some are big, so ask for one at a time */
  readonly bytes: () => Uint8Array;
  readonly expected: Expected;
}

/**
 * `indexed`: as any other bundle, but for documents of the entity types in `deadDocuments`, which
 * are too large and are dead-lettered alone. `dead`: dead-lettered as a whole with the error code;
 * `entity`, where known, is the `<type>/<id>` that its place must name.
 */
export type Expected =
  | { readonly outcome: 'indexed'; readonly deadDocuments: readonly string[] }
  | { readonly outcome: 'dead'; readonly code: ErrorCode; readonly entity: string | undefined };

/** Spoils a bundle and gives its text. */
type Spoil = (template: Template) => string;
type Expect = (template: Template) => Expected;

const indexed: Expect = () => ({ outcome: 'indexed', deadDocuments: [] });
const dead =
  (code: ErrorCode): Expect =>
  () => ({ outcome: 'dead', code, entity: undefined });
const invalid = dead('bundle_invalid');
/** dead because of the first entity of the type */
const because =
  (type: string): Expect =>
  (template) => ({ outcome: 'dead', code: 'bundle_invalid', entity: keyOf(template, type) });

const spoiled =
  (change: (template: Template) => void): Spoil =>
  (template) => {
    change(template);
    return printed(template);
  };

/** Puts text that no JSON printer would print in the place of a member's value. */
function literally(type: string, member: string, literal: string): Spoil {
  const marked = spoiled((template) => {
    documentOf(template, type)[member] = '@literal@';
  });
  return (template) => marked(template).replace('"@literal@"', literal);
}

const nobody = '{"file_name": "a.fastq.gz", "format": "fastq.gz", "file_source": "Nobody"}';
const starship = '"https://schema.example/type/biomaterial/1.0.0/starship"';

const cases: readonly (readonly [name: string, Spoil, Expect])[] = [
  ['an empty file', () => '', dead('bundle_not_json')],
  ['not JSON', (template) => printed(template).slice(0, -100), dead('bundle_not_json')],
  ['no project', spoiled((template) => void delete template.metadata[keyOf(template, 'project')]), invalid],
  ['two projects', spoiled(addProject), invalid],
  ['a dangling link', spoiled(dangle), invalid],
  ['an unknown schema', literally('donor_organism', 'describedBy', starship), because('donor_organism')],
  [
    'an unknown link type',
    spoiled((template) => void template.links.links.push({ link_type: 'entanglement_link' })),
    invalid,
  ],
  [
    'an unknown version of links',
    spoiled((template) => void Object.assign(template.links, { schema_version: '4.0.0' })),
    invalid,
  ],
  ['50 MB', spoiled((template) => fatten(template, 50)), indexed],
  [
    '100,000 entities',
    spoiled((template) => crowd(template, 100_000)),
    () => ({ outcome: 'indexed', deadDocuments: ['bundles'] }),
  ],
  ['a cyclic graph', spoiled(bend), invalid],
  ['|| in a string', literally('donor_organism', 'sex', '"female || male"'), because('donor_organism')],
  ['half a surrogate pair', literally('donor_organism', 'sex', '"\\ud83e"'), because('donor_organism')],
  ['half a surrogate pair where nobody looks', literally('donor_organism', 'remark', '"\\ud83e"'), invalid],
  ['__proto__ as a key', literally('donor_organism', 'remark', '{"__proto__": {"sex": null}}'), indexed],
  ['__proto__ instead of a document', spoiled(inherit), because('donor_organism')],
  ['a name twice in one object', literally('donor_organism', 'sex', '"female", "sex": "male"'), invalid],
  ['1e400 where nobody looks', literally('donor_organism', 'remark', '1e400'), indexed],
  ['1e400 cells', literally('cell_suspension', 'estimated_cell_count', '1e400'), because('cell_suspension')],
  [
    'an unknown unit of age',
    spoiled((template) => {
      Object.assign(documentOf(template, 'donor_organism'), {
        organism_age: '3',
        organism_age_unit: { text: 'fortnight' },
      });
    }),
    because('donor_organism'),
  ],
  [
    'a file without checksum',
    spoiled((template) => void delete entryOf(template, 'sequence_file').sha256),
    because('sequence_file'),
  ],
  [
    'a file version that is none',
    spoiled((template) => void Object.assign(entryOf(template, 'sequence_file'), { version: 'latest' })),
    because('sequence_file'),
  ],
  ['a submitter nobody knows', literally('sequence_file', 'file_core', nobody), because('sequence_file')],
];

/** Bundles that are bad each in its own way, of projects of their own. */
export function badBundles(seed: string | number): readonly BadBundle[] {
  const found = templates(seed);
  return cases.map(([name, spoil, expected]) => {
    const { value: source } = found.next();
    if (source === undefined) throw new Error('There are more ways to be bad than bundles to be spoiled');
    const bytes = (): Uint8Array => Buffer.from(spoil(templateOf(source)));
    return { name, fqid: source.fqid, bytes, expected: expected(templateOf(source)) };
  });
}
