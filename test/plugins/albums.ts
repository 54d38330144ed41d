import type { Json } from '../../core/model/metadata.ts';

const glenn = { id: 'glenn', name: 'Glenn', instruments: ['piano'] };
const orchestra = { id: 'orchestra', name: 'City Orchestra', members: 80 };
/** An album by one artist. */
export const variations: Json = {
  album: { id: 'variations', title: 'Variations', label: 'Blue' },
  performers: [glenn],
  ensembles: [],
  tracks: [
    { id: 't1', title: 'Aria', format: 'flac', seconds: 180, recorded: '1981-05-23', artists: ['glenn'] },
    { id: 't2', title: 'Canon', format: 'flac', seconds: 120, recorded: '1981-04-22', artists: ['glenn'] },
    { id: 't3', title: 'Aria', format: 'mp3', seconds: 180, artists: ['glenn'] },
  ],
};
/** A later bundle, in which the performer has got another instrument. */
export const concerto: Json = {
  album: { id: 'concerto', title: 'Concerto', label: null },
  performers: [{ ...glenn, instruments: ['piano', 'organ'] }],
  ensembles: [orchestra],
  tracks: [{ id: 't4', title: 'Allegro', format: 'flac', seconds: 900, artists: ['glenn', 'orchestra'] }],
};
