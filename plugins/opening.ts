import { LazuliError } from '../core/config/errors.ts';

/** Catalogs by name: those that could be opened, and why the others were refused. */
export interface Opened<T> {
  readonly open: ReadonlyMap<string, T>;
  readonly refused: ReadonlyMap<string, LazuliError>;
}

/**
 * Opens catalogs, each by itself: one whose plug-in is unknown or wrong is refused, and the others don't notice.
 *
 * @throws LazuliError `configuration_invalid` where all are refused; whatever else opening one throws
 */
export async function openEach<S, T>(
  catalogs: Readonly<Record<string, S>>,
  open: (name: string, settings: S) => Promise<T>,
): Promise<Opened<T>> {
  const opened = new Map<string, T>();
  const refused = new Map<string, LazuliError>();
  const outcomes = await Promise.all(
    Object.entries(catalogs).map(async ([name, settings]) => {
      return [name, await open(name, settings).then((catalog) => ({ catalog }), refusalOf)] as const;
    }),
  );
  for (const [name, outcome] of outcomes) {
    if ('catalog' in outcome) opened.set(name, outcome.catalog);
    else refused.set(name, outcome.refusal.at({ catalog: name }));
  }
  expectNotAll(refused, Object.keys(catalogs).length);
  return { open: opened, refused };
}

/** @throws the error where it is no refusal */
function refusalOf(error: unknown): { readonly refusal: LazuliError } {
  if (isRefusal(error)) return { refusal: error };
  throw error;
}

/** @throws LazuliError the first refusal, where so many are all that there are */
export function expectNotAll(refused: Opened<unknown>['refused'], catalogs: number): void {
  const [first] = refused.values();
  if (first !== undefined && refused.size === catalogs) throw first;
}

/** Whether nothing but another configuration, or another plug-in, helps. */
export const isRefusal = (error: unknown): error is LazuliError =>
  error instanceof LazuliError && error.code === 'configuration_invalid';

/** For those who can do without. @throws the error where it is no refusal */
export function noneIfRefused(error: unknown): null {
  if (isRefusal(error)) return null;
  throw error;
}

/** What is wanted of a catalog that was refused. */
export function refusedCatalog(name: string, cause: LazuliError): LazuliError {
  return new LazuliError('catalog_refused', `Catalog '${name}' can't be worked on: ${cause.message}`, {
    place: { catalog: name },
    remedy: `${cause.remedy ?? 'Correct its configuration or plug-in.'} Then start the process again: what came meanwhile is done then.`,
    cause,
  });
}
