/** The direction of the data is the direction of the imports (docs/architecture.md, "Rooms"). */
const room = (name, allowed) => ({
  name: `${name}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^${name}/` },
  to: {
    path: '^(bin|cli|core|exports|infra|ingest|plugins|query|test|transform)/',
    pathNot: `^(${[name, ...allowed].join('|')})/`,
  },
});

/** Rooms of `core/`, each with those that it stands on. */
const core = {
  config: [],
  runtime: ['config'],
  model: ['config'],
  duckdb: ['config'],
  drs: ['config', 'runtime'],
  search: ['http'],
  http: ['config', 'runtime'],
  storage: ['config', 'runtime'],
  catalogs: ['config', 'runtime'],
  streams: ['config', 'runtime', 'storage'],
  runs: ['config', 'runtime', 'storage', 'streams'],
  deployment: ['catalogs', 'config', 'exports', 'runs', 'runtime', 'storage', 'streams'],
  control: ['config', 'http', 'runs', 'streams'],
  health: ['config', 'deployment', 'http', 'runs', 'runtime', 'storage'],
  staged: ['config', 'model', 'runtime'],
  documents: ['config', 'model'],
  exports: ['config', 'documents', 'duckdb', 'model', 'runtime', 'storage'],
};

const coreRoom = ([name, allowed]) => ({
  name: `core-${name}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^core/${name}/` },
  to: { path: '^core/', pathNot: `^core/(${[name, ...allowed].join('|')})/` },
});

/** Stages of `transform/`, from the bottom up, each with those that it builds on. `worker.ts` may import all. */
const transform = {
  store: [],
  sink: [],
  aggregate: ['store'],
  reference: ['store'],
  catalog: ['sink', 'store'],
  computing: ['aggregate', 'sink', 'store'],
  generations: ['catalog', 'sink', 'store'],
  snapshots: ['catalog', 'generations', 'sink', 'store'],
  emitting: ['catalog', 'computing', 'generations', 'sink', 'store', 'snapshots'],
  verification: [
    ...['aggregate', 'catalog', 'computing', 'emitting', 'generations', 'reference', 'sink', 'snapshots', 'store'],
  ],
  building: ['catalog', 'computing', 'copies', 'emitting', 'generations', 'store', 'verification', 'snapshots'],
  builders: [
    ...['building', 'catalog', 'computing', 'copies', 'emitting', 'generations', 'sink', 'snapshots', 'store'],
  ],
  loading: ['catalog', 'store'],
  compaction: ['catalog', 'loading', 'store'],
  copies: ['catalog', 'generations', 'store'],
  restaging: ['catalog', 'compaction', 'loading', 'store', 'verification'],
  runs: [
    ...['building', 'catalog', 'compaction', 'emitting', 'generations', 'loading', 'restaging', 'store'],
    'verification',
  ],
};

const transformStage = ([name, allowed]) => ({
  name: `transform-${name}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^transform/${name}/` },
  to: { path: '^transform/', pathNot: `^transform/(${[name, ...allowed].join('|')})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(^bin/|^core/http/documentation/start\\.js$|\\.d\\.ts$|\\.cjs$)' },
      to: {},
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      from: { pathNot: '^(test|bin|infra)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    room('core', []),
    ...Object.entries(core).map(coreRoom),
    room('plugins', ['core']),
    {
      name: 'plugins-know-the-contract-only',
      severity: 'error',
      from: { path: '^plugins/(metadata|repository|authentication)/([^/]+)/' },
      to: { path: '^plugins/(metadata|repository|authentication)/', pathNot: '^plugins/$1/$2/' },
    },
    room('ingest', ['core', 'plugins']),
    {
      name: 'stages-know-no-plugin',
      severity: 'error',
      from: { path: '^(ingest|transform|exports|query)/' },
      to: { path: '^plugins/(metadata|repository|authentication)/' },
    },
    room('transform', ['core', 'plugins']),
    ...Object.entries(transform).map(transformStage),
    room('exports', ['core', 'plugins']),
    room('query', ['core', 'plugins']),
    room('infra', ['core']),
    {
      name: 'nobody-imports-infra',
      severity: 'error',
      from: { pathNot: '^(infra|test)/' },
      to: { path: '^infra/' },
    },
    {
      name: 'nobody-imports-the-command-line',
      severity: 'error',
      from: { pathNot: '^(cli|test|bin)/' },
      to: { path: '^cli/' },
    },
    { name: 'nobody-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.json'] },
  },
};
