/** The direction of the data is the direction of the imports (docs/architecture.md, "Rooms"). */
const room = (name, allowed) => ({
  name: `${name}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^${name}/` },
  to: {
    path: '^(bin|cli|config|http|infra|ingest|plugins|query|streams|test|transform)/',
    pathNot: `^(${[name, ...allowed].join('|')})/`,
  },
});

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: '(^bin/|^http/documentation/start\\.js$|\\.d\\.ts$|\\.cjs$)' },
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
    room('config', []),
    room('streams', ['config']),
    room('http', ['config', 'streams']),
    room('plugins', ['config']),
    {
      name: 'plugins-know-the-contract-only',
      severity: 'error',
      from: { path: '^plugins/(metadata|repository|authentication)/([^/]+)/' },
      to: { path: '^plugins/(metadata|repository|authentication)/', pathNot: '^plugins/$1/$2/' },
    },
    room('ingest', ['config', 'http', 'plugins', 'streams']),
    {
      name: 'core-knows-no-plugin',
      severity: 'error',
      from: { path: '^(ingest|transform|query)/' },
      to: { path: '^plugins/(metadata|repository|authentication)/' },
    },
    room('transform', ['config', 'http', 'plugins', 'streams', 'ingest']),
    {
      name: 'transform-knows-of-ingest-what-is-staged-only',
      severity: 'error',
      from: { path: '^transform/' },
      to: { path: '^ingest/', pathNot: '^ingest/(layout|snapshot)\\.ts$' },
    },
    room('query', ['config', 'http', 'plugins', 'streams', 'transform']),
    {
      name: 'query-knows-of-transform-the-index-layout-only',
      severity: 'error',
      from: { path: '^query/' },
      to: {
        path: '^transform/',
        pathNot: '^transform/(index-layout|document-layout|document-decoder|texts|cuts)\\.ts$',
      },
    },
    room('infra', ['config']),
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
