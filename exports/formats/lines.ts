/** What readers take for the end of a line, outside of JSON. JSON escapes all others. */
const breaks = /[\r\n\u0085\u2028\u2029]/;

/** The same JSON on one line, whatever a reader takes for the end of one. */
export function oneLine(json: string): string {
  if (!breaks.test(json)) return json;
  // Between the parts of a JSON text they mean nothing; inside of its texts these two are always escaped.
  const joined = json.replaceAll(/[\r\n]+/g, ' ');
  return joined.replaceAll(
    /[\u0085\u2028\u2029]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
