import { expect } from 'chai';
import { generateBundles } from '../../../rigs/models/generated.ts';
import { seed } from '../../../rigs/property.ts';
import { featuresOfGraphs } from './features-of-graphs.ts';
import { featuresOfMetadata } from './features-of-metadata.ts';
import { type View, view } from './view.ts';

/** Names of the features that no view shows. */
function missing(
  views: readonly View[],
  features: Readonly<Record<string, (view: View) => boolean>>,
): readonly string[] {
  return Object.entries(features).flatMap(([name, shows]) => (views.some(shows) ? [] : [name]));
}

describe('The generator reaches every rule of the HCA metadata model with 300 bundles', () => {
  it('of many projects', () => {
    const views = [...generateBundles({ seed: seed(), bundles: 300 })].map(view);
    expect(missing(views, { ...featuresOfMetadata, ...featuresOfGraphs })).to.deep.equal([]);
  });

  it('of a single project, as far as graphs are concerned', () => {
    const views = [...generateBundles({ seed: seed(), bundles: 300, skew: 1 })].map(view);
    expect(missing(views, featuresOfGraphs)).to.deep.equal([]);
  });
});
