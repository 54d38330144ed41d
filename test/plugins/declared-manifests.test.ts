import { expect } from 'chai';
import type { ManifestShape } from '../../core/model/manifests.ts';
import { manifestShapeProblems } from '../../plugins/declared/manifests.ts';
import { anvil } from '../../plugins/metadata/anvil/plugin.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { things } from '../exports/formats/things.ts';

const { manifests } = things;
const problems = (wrong: Partial<ManifestShape>): string[] => [
  ...manifestShapeProblems({ ...things, manifests: { ...(manifests as ManifestShape), ...wrong } }),
];
const { file, pfb } = manifests as ManifestShape;

describe('Declarations of manifests', () => {
  it('may be those of the HCA and of AnVIL, or none', () => {
    expect([...manifestShapeProblems(hca), ...manifestShapeProblems(anvil)]).to.deep.equal([]);
    const { manifests: _, ...without } = things;
    expect([...manifestShapeProblems(without)]).to.deep.equal([]);
    expect(problems({})).to.deep.equal([]);
  });

  it('name what there is', () => {
    expect(problems({ entityType: 'shelves' })).to.deep.equal([
      'manifests are of documents of shelves, which is no entity type',
    ]);
    expect(problems({ file: { ...file, name: 'title' } })).to.deep.equal([
      "manifests read 'files.title', which documents of files don't have",
    ]);
    expect(problems({ file: { ...file, role: 'boxes' } })[0]).to.contain("don't show as 'single'");
    expect(problems({ calledBy: 'boxes.colour' })).to.deep.equal([
      "manifests read 'boxes.colour', which documents of files don't have",
    ]);
    expect(problems({ units: { 'boxes.span': 'boxes.inches' } })).to.deep.equal([
      "manifests read 'boxes.inches', which documents of files don't have",
    ]);
  });

  it('say how formats are made, for those that there are', () => {
    expect(problems({ formats: [] })).to.include('manifests have no format: leave them out');
    expect(problems({ formats: ['compact', 'terra.pfb'] })).to.deep.equal([
      "manifests have the format 'terra.bdbag' without saying how, or the other way round",
    ]);
  });

  it('have tables of PFB of what can be in them', () => {
    const tables = { ...pfb?.tables, boxes: ['colour'], files: ['others'] };
    expect(problems({ pfb: { scalars: [], uuids: [], objects: {}, tables } })).to.deep.equal([
      "tables of PFB show 'boxes.colour', which that role doesn't have",
      "tables of PFB show 'files.others', of whose objects nothing says what they hold",
    ]);
  });

  it('have verbatim tables of values that Avro has', () => {
    expect(problems({ verbatim: { box: { age: { type: 'int' as 'long' } } } })).to.deep.equal([
      "verbatim tables show 'box.age' as int: choose string, long, double, boolean",
    ]);
  });

  it('have no header twice', () => {
    expect(problems({ file: { ...file, url: 'File_Name' } })).to.deep.equal([
      "two columns of manifests have the header 'file_name': choose another one",
    ]);
  });
});
