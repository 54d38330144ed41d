import type { Random } from '../../../../core/model/random.ts';

const subjects = ['We profiled', 'This study maps', 'Here we describe', 'The atlas charts', 'We integrated'];
const objects = [
  'the transcriptomes of single cells',
  'chromatin and expression of nuclei',
  'the spatial order of cell states',
  'developing and mature tissue',
  'matched samples of patients and controls',
];
const places = ['of the human body', 'across eleven donors', 'at single-cell resolution', 'over the course of ageing'];
const ends = [
  'Marker genes separate the populations.',
  'Naïve cells, β-cells and µ-opioid targets differ.',
  'Depth was limited to 50,000 reads per cell.',
  'Results agree with in situ hybridization.',
  'A resource for the community 🧬.',
];

/** So many sentences of the kind that descriptions hold, characters beyond ASCII included. */
export function sentences(random: Random, count: number): string {
  const made = Array.from(
    { length: count },
    () => `${random.pick(subjects)} ${random.pick(objects)} ${random.pick(places)}. ${random.pick(ends)}`,
  );
  return made.join(' ');
}

const titles = ['A census', 'Spatial organization', 'Cellular diversity', 'Development', 'The ageing', 'A draft atlas'];

/** A title that says which organ it is about. */
export function title(random: Random, organ: string): string {
  return `${random.pick(titles)} of the ${organ}: ${random.pick(objects)} ${random.pick(places)}`;
}

export const givenNames = [
  'Zoë',
  'Noe\u0308l',
  'Amina',
  'Jürgen',
  'Wei',
  'Ananya',
  'Søren',
  'Mélanie',
  '美咲',
  'Kwame',
];
export const familyNames = [
  'Okafor',
  'Nguyễn',
  'Lindqvist',
  'García-Márquez',
  '佐藤',
  'van der Meer',
  'Ó Briain',
  'Ivanov',
];

/**
 * Names that put pressure on collation, escaping and length: the two last but one sort one way by
 * code point and the other way by UTF-16 code unit; the last is longer than 256 characters.
 */
export const institutions = [
  'Institute of Cell Biology, University of Northport',
  'Hôpital Saint-Éloi',
  'Karl-Ludwig-Universität "Süd"',
  'Broad Valley Institute',
  'Department of Medicine,  University of Eastmoor',
  '\uff26ull-width Institute',
  '\u{1d401}old Institute of Mathematics',
  `Consortium for ${'the Study of Rare and Common Diseases of Every Organ and '.repeat(5)}Health`,
] as const;

export const laboratories = [
  'Okafor Lab',
  'Cell Atlas Group',
  'Human Development Unit',
  'Laboratoire de Génomique',
] as const;
