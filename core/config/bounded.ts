/** characters (UTF-16 units) of a message to people */
const maxMessage = 2000;
/** of its end, where what failed last stands */
const endLength = 800;
/** Room for the words about what is left out. */
const noteLength = 60;

/** A message that quotes what came from outside can be of any length: its middle is left out. */
export function bounded(message: string): string {
  if (message.length <= maxMessage) return message;
  const start = wholePairs(message.slice(0, maxMessage - endLength - noteLength));
  const end = wholePairs(message.slice(-endLength));
  return `${start}… (${message.length - start.length - end.length} characters left out) …${end}`;
}

/** Without the half of a surrogate pair that a cut left at either side. */
const wholePairs = (text: string): string => text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
