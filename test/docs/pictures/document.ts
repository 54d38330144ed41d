import type { Drawing } from './drawing.ts';

/** Two bundles, and how the donors of two documents come from them (`transform/aggregate/`). */
export const document: Drawing = {
  width: 1240,
  height: 560,
  title: 'From bundles to documents',
  description:
    'Bundle 1 mentions the file f and the project p, and has donors d1 and d2. Bundle 2 is newer, mentions p, and has another copy of d1. Links lead from f to bundle 1, and from p to both. f has the surroundings of set 1 of bundle 1; p has surroundings of its own, in which the copy of d1 from bundle 2 wins. Each surroundings become one fragment of JSON, and fragments become members of documents.',
  boxes: [
    {
      kind: 'store',
      x: 20,
      y: 60,
      width: 236,
      name: 'bundle 1, version 2025',
      code: true,
      lines: [
        'entities',
        '  file f     donors: set 1',
        '  project p  donors: set 1',
        'members',
        '  set 1: rows 0, 1',
        'donors',
        '  row 0: d1, sex unknown',
        '  row 1: d2, sex male',
      ],
    },
    {
      kind: 'store',
      x: 20,
      y: 270,
      width: 236,
      name: 'bundle 2, version 2026',
      code: true,
      lines: [
        'entities',
        '  project p  donors: set 1',
        'members',
        '  set 1: row 0',
        'donors',
        '  row 0: d1, sex female',
      ],
    },
    { kind: 'process', x: 300, y: 100, width: 150, name: 'file f', lines: ['bundle 1'] },
    { kind: 'process', x: 300, y: 290, width: 150, name: 'project p', lines: ['bundle 1', 'bundle 2'] },
    {
      kind: 'process',
      x: 494,
      y: 60,
      width: 220,
      name: 'bundle 1, set 1',
      lines: [
        'one bundle: its set as it is,',
        'shared by all its documents',
        'with that set',
        '',
        'd1: unknown   (bundle 1)',
        'd2: male         (bundle 1)',
      ],
    },
    {
      kind: 'process',
      x: 494,
      y: 270,
      width: 220,
      name: 'surroundings of p alone',
      lines: [
        'several bundles: reconciled,',
        'the newest copy of a donor wins',
        '',
        'd1: female     (bundle 2)',
        'd2: male         (bundle 1)',
      ],
    },
    {
      kind: 'process',
      x: 758,
      y: 100,
      width: 200,
      name: 'donors',
      code: true,
      lines: ['[{"sex": ["male",', '          "unknown"]}]'],
    },
    {
      kind: 'process',
      x: 758,
      y: 290,
      width: 200,
      name: 'donors',
      code: true,
      lines: ['[{"sex": ["female",', '          "male"]}]'],
    },
    {
      kind: 'stream',
      x: 1002,
      y: 82,
      width: 218,
      name: 'files/f',
      code: true,
      lines: ['{"entity_id": "f",', ' "contents": {', '   "donors": […],', '   "files": […], …}}'],
    },
    {
      kind: 'stream',
      x: 1002,
      y: 272,
      width: 218,
      name: 'projects/p',
      code: true,
      lines: ['{"entity_id": "p",', ' "contents": {', '   "donors": […],', '   "projects": […], …}}'],
    },
  ],
  arrows: [
    {
      path: 'M256 129 H296',
    },
    {
      path: 'M256 190 H276 V320 H296',
    },
    {
      path: 'M256 340 H296',
    },
    {
      path: 'M450 129 H490',
    },
    {
      path: 'M450 328 H490',
    },
    {
      path: 'M714 135 H754',
    },
    {
      path: 'M714 328 H754',
    },
    {
      path: 'M958 135 H998',
    },
    {
      path: 'M958 328 H998',
    },
  ],
  labels: [
    { x: 20, y: 38, text: 'staged: what bundles say', bold: true },
    { x: 300, y: 38, text: 'links', bold: true },
    { x: 494, y: 38, text: 'surroundings of donors', bold: true },
    { x: 758, y: 38, text: 'fragments', bold: true },
    { x: 1002, y: 38, text: 'documents', bold: true },
    { x: 20, y: 460, text: 'A set holds rows of one bundle; an entity has one set for each role.' },
    { x: 430, y: 460, text: 'Only selected bundles count: the newest version in its source that is not deleted.' },
    {
      x: 20,
      y: 484,
      text: 'Links, surroundings and fragments are temporary tables in DuckDB: links, role_sets and role_rows, fragments.',
    },
    {
      x: 20,
      y: 508,
      text: 'A fragment is made once for all documents with the same surroundings. Here the role is collapsed: its values become one set, in ascending order.',
    },
    {
      x: 20,
      y: 532,
      text: 'Other roles of a document, such as samples, go the same way beside this one. A document puts its fragments together, with what every document has.',
    },
  ],
};
