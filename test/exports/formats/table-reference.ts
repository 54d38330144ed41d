import { byCodePoint } from '../../../core/config/text.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { baseUrl, type Indexed } from './rig.ts';

type Entity = Readonly<Record<string, Json>>;

/** A table as lines of cells, made from documents of `things` one by one. */
export function tableOf(documents: readonly Indexed[]): string[][] {
  const header = [
    ...['bundle_uuid', 'bundle_version', 'source_id', 'file_id', 'file_name', 'file_format', 'file_size', 'file_shape'],
    ...['file_open', 'file_uuid', 'file_version', 'file_drs_uri', 'file_url'],
    ...['box.id', 'box.label', 'box.open', 'box.weight', 'box.age', 'tag.word'],
  ];
  return [header, ...documents.flatMap(rowsOf)];
}

function rowsOf({ contents, bundles, sources }: Indexed): string[][] {
  const { files, boxes, tags } = contents as unknown as Readonly<Record<string, readonly Entity[]>>;
  const [file = {}] = files ?? [];
  const others = (file.others ?? []) as readonly Entity[];
  return [file, ...others].map((one) => [
    ...[each(bundles, 'uuid'), each(bundles, 'version'), each(sources, 'id')].map(joined),
    ...['document_id', 'name', 'format', 'size', 'shape', 'open', 'uuid', 'version', 'drs_uri'].map((name) =>
      shown(one[name] ?? null, name),
    ),
    urlOf(one),
    ...['document_id', 'label', 'open', 'weight', 'age'].map((name) => boxCell(boxes ?? [], name)),
    boxCell(tags ?? [], 'word'),
  ]);
}

const each = (objects: Json | undefined, name: string): string[] =>
  (objects as unknown as readonly Entity[]).map((one) => String(one[name]));

function urlOf({ uuid, version, drs_uri }: Entity): string {
  if (drs_uri == null) return '';
  return `${baseUrl}/repository/files/${uuid}?catalog=hca&version=${encodeURIComponent(String(version))}`;
}

/** The weight is one of a group, and there even a null is a value. */
function boxCell(boxes: readonly Entity[], name: string): string {
  const values = boxes.flatMap((box) => box[name] ?? null);
  const kept = name === 'weight' ? values : values.filter((value) => value !== null);
  return joined(kept.map((value) => shown(value as Json, name)));
}

function shown(value: Json, name: string): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return name === 'shape' && Number.isInteger(value) ? `${value}.0` : String(value);
}

const joined = (values: readonly string[]): string => [...new Set(values)].sort(byCodePoint).slice(0, 100).join(' || ');

/** Reads lines that end in CRLF, of fields between tabs that may be quoted, as Python's `csv` does with `excel-tab`. */
export function parseTable(text: string): string[][] {
  const lines: string[][] = [];
  let line: string[] = [];
  let field = '';
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i] as string;
    if (isQuoted) {
      if (character !== '"') field += character;
      else if (text[i + 1] === '"') field += text[i++];
      else isQuoted = false;
    } else if (character === '"' && field === '') isQuoted = true;
    else if (character === '\t' || text.startsWith('\r\n', i)) {
      line.push(field);
      field = '';
      if (character === '\t') continue;
      lines.push(line);
      line = [];
      i++;
    } else field += character;
  }
  if (line.length > 0 || field !== '') throw new SyntaxError('the last line does not end');
  return lines;
}
