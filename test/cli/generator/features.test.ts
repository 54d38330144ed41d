import { expect } from 'chai';
import { generateBundles } from '../../../cli/generator/generate.ts';
import { seed } from '../../property.ts';
import { featuresOfGraphs } from './features-of-graphs.ts';
import { featuresOfMetadata } from './features-of-metadata.ts';
import { view } from './view.ts';

describe('The generator reaches every rule of the HCA metadata model', () => {
  for (const skew of [0.2, 1]) {
    it(`with 300 bundles, skew ${skew}`, () => {
      const views = [...generateBundles({ seed: seed(), bundles: 300, skew })].map(view);
      const features = Object.entries({ ...featuresOfMetadata, ...featuresOfGraphs });
      const missing = features.filter(([, shows]) => !views.some(shows)).map(([name]) => name);
      expect(missing).to.deep.equal([]);
    });
  }
});
