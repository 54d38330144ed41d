import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { FormatName } from '../../../core/model/manifests.ts';
import { manifestReaders, python } from '../../rigs/python.ts';
import { readPfb } from './pfb-reader.ts';
import { openRig, type Rig } from './rig.ts';
import { parseTable } from './table-reference.ts';
import { thing, things } from './things.ts';

const names = ['a\tb.txt', 'a"b', 'a\nb', 'a || b', '\u{1f600}\uffff', '', 'x'.repeat(300), '../up'];
const boxes = [
  { document_id: ['b'], label: ['x', 'y', null], open: [true, null], weight: 3, age: ['38 year'], span: [{ gte: 1 }] },
];
const documents = names.map((name, i) =>
  thing(
    { document_id: `f${i}`, name, format: i % 2 ? 'bam' : 'fastq' },
    { boxes, bundles: [{ uuid: `b${i % 3}`, version: '2018:1' }] },
  ),
);
const replicas = [
  { type: 'donor', id: '1', contents: '{"10x": {"a-b": 1.0}, "n": [], "o": [{"p": 1}, null]}' },
  { type: 'donor', id: '2', contents: '{"10x": null, "m": "\u2028", "o": {"p": "q"}}' },
];

describe('Manifests', function () {
  this.timeout(300_000);
  let rig: Rig;
  let folder: string;

  before(async function () {
    rig = await openRig(things, 'files', documents);
    const readers = manifestReaders();
    if ('missing' in readers) {
      console.log(`      ${readers.missing}`);
      this.skip();
    }
    folder = readers.folder;
  });
  after(() => rig[Symbol.asyncDispose]());

  const made = async (format: FormatName, where = 'true') =>
    (await rig.write(format, await rig.select(where, where === 'true' ? replicas : []))).file;
  const read = (program: string, ...args: string[]): unknown =>
    JSON.parse(python(folder, `import json, sys\n${program}`, { args }));

  it('are read as tables by the csv module of Python', async () => {
    const file = await made('compact');
    const rows = read(
      `import csv\nprint(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8'), dialect='excel-tab'))))`,
      file,
    );
    expect(rows).to.deep.equal(parseTable(readFileSync(file, 'utf8')));
  });

  it('are valid bags to bagit and bdbag', async () => {
    const program = `import os, tempfile, zipfile, bagit
from bdbag import bdbag_api
folder = tempfile.mkdtemp()
zipfile.ZipFile(sys.argv[1]).extractall(folder)
bag = os.path.join(folder, 'manifest')
bagit.Bag(bag).validate()
bdbag_api.validate_bag(bag, fast=False)
bdbag_api.validate_bag_structure(bag)
print(json.dumps(sorted(bagit.Bag(bag).payload_files())))`;
    for (const where of ['true', 'false'])
      expect(read(program, await made('terra.bdbag', where))).to.deep.equal(['data/participants.tsv']);
  });

  it('are read as PFB by fastavro and pypfb', async () => {
    const program = `import fastavro
from pfb.reader import PFBReader
with PFBReader(sys.argv[1]) as reader:
    count = len(list(reader))
entities = list(fastavro.reader(open(sys.argv[1], 'rb')))
text = lambda value: 'inf' if value == float('inf') else str(value)
print(json.dumps([count, entities], default=text).replace('Infinity', 'null'))`;
    for (const format of ['terra.pfb', 'verbatim.pfb'] as const) {
      for (const where of ['true', 'false']) {
        const file = await made(format, where);
        const { metadata, entities } = await readPfb(file);
        const [count, all] = read(program, file) as [number, unknown[]];
        expect(count).to.equal(entities.length);
        expect(all).to.deep.equal(JSON.parse(JSON.stringify([metadata, ...entities])));
      }
    }
  });

  it('are the same bytes twice, in every format', async () => {
    for (const format of things.manifests?.formats ?? []) {
      const digests = new Set<string>();
      for (let i = 0; i < 2; i++)
        digests.add(
          createHash('sha256')
            .update(readFileSync(await made(format)))
            .digest('hex'),
        );
      expect([format, digests.size]).to.deep.equal([format, 1]);
    }
  });
});
