import { z } from 'zod';
import { askJson } from '../pipeline/http.ts';

const catalogsSchema = z.looseObject({ default_catalog: z.string() });
const hitsSchema = z.looseObject({ hits: z.array(z.looseObject({ entryId: z.string() })) });

/** URLs of a running service that are worth a try: what there is, some hits, one of them, a filter. */
export async function sampleUrls(service: string): Promise<readonly string[]> {
  const { default_catalog: catalog } = await askJson('The service', `${service}/index/catalogs`, catalogsSchema);
  const at = (path: string, parameters: Readonly<Record<string, string>> = {}): string =>
    `${service}/index/${path}?${new URLSearchParams({ catalog, ...parameters })}`;
  const projects = at('projects', { size: '5' });
  const [first] = (await askJson('The service', projects, hitsSchema)).hits;
  return [
    `${service}/index/catalogs`,
    projects,
    ...(first === undefined ? [] : [at(`projects/${first.entryId}`)]),
    at('files', { size: '5', filters: JSON.stringify({ fileFormat: { is: ['fastq.gz'] } }) }),
    at('samples', { size: '5' }),
    `${service}/health/basic`,
  ];
}
