import { model as recordings } from '../../../cli/plugin/template/plugin.ts';
import type { Bundle } from '../../../core/model/bundle.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { generateAnvil, generateBundles } from '../../rigs/models/generated.ts';
import { concerto, variations } from '../albums.ts';
import { metadataBattery } from './metadata.ts';

metadataBattery(hca, () => {
  const repository = { drs_domain: 'drs.test' };
  const options = { seed: 'battery', bundles: 24, size: 'small', versions: 0, deletions: 0, sources: 2 } as const;
  return [...generateBundles(options)].map(({ fqid, text }) => ({ fqid, contents: parseVerbatim(text), repository }));
});

metadataBattery(anvil, () => {
  const options = { seed: 'battery', bundles: 30, size: 'small', deletions: 0, sources: 2 } as const;
  return [...generateAnvil(options)].map(({ fqid, text }) => ({ fqid, contents: parseVerbatim(text), repository: {} }));
});

const album = (number: number, contents: Json): Bundle => ({
  fqid: {
    source: { id: 'archive', spec: 'archive:/0' },
    uuid: `00000000-0000-4000-8000-00000000000${number}`,
    version: '2020-01-01',
  },
  contents,
  repository: {},
});

metadataBattery(recordings, () => [album(1, variations), album(2, concerto)]);
