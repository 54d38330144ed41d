/** Bytes of a part of a path: file systems take 255, and there must be room for a number. */
const maxBytes = 240;
/** What no part of a path may hold on one of the usual systems. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const forbidden = /[\u0000-\u001f\u007f<>:"|?*\\]/g;
/** Names of devices, on Windows, with any extension. */
const reserved = /^(?:CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])(?:\.|$)/i;
/** Up to two extensions, such as `.fastq.gz`. */
const extensions = /(?:\.[A-Za-z0-9]{1,12}){0,2}$/;

/**
 * SQL: whether a name is one that `safePath` gives back as it is. It knows most of those, and no others.
 *
 * @param column with the name
 */
export const isPlain = (column: string): string =>
  `regexp_full_match(${column}, '[A-Za-z0-9_][A-Za-z0-9_#+=@,~ -]*([.][A-Za-z0-9_#+=@,~-]+)*')
    AND NOT regexp_matches(${column}, '^(?i:CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])([.]|$)')
    AND NOT ends_with(${column}, ' ') AND NOT contains(${column}, ' .') AND length(${column}) <= ${maxBytes}`;

/**
 * The name of a file as a relative path that any system can make, and that leads nowhere else. What is fine already stays
 * (specification, manifests 5.1); the rest is changed as little as possible.
 *
 * @returns nothing where nothing is left of the name
 */
export function safePath(name: string): string {
  return name
    .replace(forbidden, '_')
    .split('/')
    .filter((part) => part !== '')
    .map(safePart)
    .join('/');
}

/** One dot may begin a part; else dots and blanks stand inside only. */
function safePart(part: string): string {
  const ended = part.replace(/[. ]+$/, underscores);
  const begun = /^\.[^. ]/.test(ended) ? ended : ended.replace(/^[. ]+/, underscores);
  return shortened(reserved.test(begun) ? `_${begun}` : begun);
}

const underscores = (found: string): string => '_'.repeat(found.length);

/** Cut before its extensions; no character is cut in two. */
function shortened(part: string): string {
  if (Buffer.byteLength(part) <= maxBytes) return part;
  const extension = extensions.exec(part)?.[0] ?? '';
  const room = maxBytes - Buffer.byteLength(extension);
  let bytes = 0;
  let stem = '';
  for (const character of part.slice(0, part.length - extension.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    stem += character;
  }
  return `${stem.replace(/[. ]+$/, underscores)}${extension}`;
}
