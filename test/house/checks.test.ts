import { runTool } from './run.ts';

const rooms = ['core', 'plugins', 'ingest', 'transform', 'exports', 'query', 'cli', 'infra', 'test', 'bin'];

describe('the house', function () {
  this.timeout(180_000);

  it('has types that fit', () => runTool('typescript/bin/tsc', '--noEmit'));

  it('is formatted and free of lint', () => runTool('@biomejs/biome/bin/biome', 'check', '.'));

  it('imports only in the direction of the data', () =>
    runTool('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', ...rooms));

  it('has no dead code and no undeclared packages', () => runTool('knip/bin/knip.js'));
});
