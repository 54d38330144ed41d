import { text } from '../sql.ts';
import { longText } from '../texts.ts';

/** Documents that may have a text which no keyword holds: none that has been told apart here is missed. @param most bytes of a document */
export const longTextsSelect = (most: number): string => `SELECT doc, body FROM computed
  WHERE CASE WHEN strlen(body) > ${longText} AND bytes <= ${most} THEN ${longestText('body')} > ${longText} ELSE false END`;

/** Bytes of the longest text in JSON, as it is written there: what stands between two quotes that aren't escaped. */
function longestText(json: string): string {
  const unescaped = String.raw`replace(replace(${json}, '\\', '__'), '\"', '__')`;
  return `list_max(list_transform(string_split(${unescaped}, '"'), lambda x: strlen(x)))`;
}

/** Has `computed` hold a document with keys in the place of texts. */
export function holdStatement(doc: number, json: string, texts: ReadonlyMap<string, string>): string {
  const body = text(`${json},"_texts":${JSON.stringify(Object.fromEntries(texts))}`);
  return `UPDATE computed SET body = ${body}, bytes = bytes - strlen(body) + strlen(${body}) WHERE doc = ${doc}`;
}
