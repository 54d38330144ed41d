/** How seconds with a fraction end in canonical form, by the length of the fraction with its point. */
const endings = ['.000000Z', undefined, '00000Z', '0000Z', '000Z', '00Z', '0Z', 'Z'];
/** Length of `2018-11-02T10:03:39` */
const toSeconds = 19;

/**
 * An RFC 3339 timestamp with up to six fractional digits in UTC with exactly six, or undefined
 * where the text is no such timestamp (specification, plugin-hca 2.1). Read by character, because
 * every entity has two.
 */
export function utcTimestamp(text: string): string | undefined {
  if (!isDayAndTime(text)) return undefined;
  const zone = endOfFraction(text);
  const ending = endings[zone - toSeconds];
  if (ending === undefined) return undefined;
  if (text.charCodeAt(zone) !== letter.Z) return shifted(text, zone, ending);
  if (text.length > zone + 1) return undefined;
  return ending === 'Z' ? text : `${text.slice(0, zone)}${ending}`;
}

/** Whether a text is a timestamp in the form that bundle versions must have. */
export function isCanonicalTimestamp(text: string): boolean {
  return utcTimestamp(text) === text;
}

const letter = { plus: 0x2b, minus: 0x2d, point: 0x2e, zero: 0x30, nine: 0x39, colon: 0x3a, T: 0x54, Z: 0x5a };

function isDayAndTime(text: string): boolean {
  return (
    text.charCodeAt(4) === letter.minus &&
    text.charCodeAt(7) === letter.minus &&
    text.charCodeAt(10) === letter.T &&
    text.charCodeAt(13) === letter.colon &&
    text.charCodeAt(16) === letter.colon &&
    isDate(number(text, 0) * 100 + number(text, 2), number(text, 5), number(text, 8)) &&
    number(text, 11) < 24 &&
    number(text, 14) < 60 &&
    number(text, 17) < 60
  );
}

/** The number of two digits; NaN where they are none. */
function number(text: string, at: number): number {
  return isDigit(text.charCodeAt(at)) && isDigit(text.charCodeAt(at + 1))
    ? text.charCodeAt(at) * 10 + text.charCodeAt(at + 1) - letter.zero * 11
    : Number.NaN;
}

function isDigit(unit: number): boolean {
  return unit >= letter.zero && unit <= letter.nine;
}

/** Where the digits after the seconds end. */
function endOfFraction(text: string): number {
  if (text.charCodeAt(toSeconds) !== letter.point) return toSeconds;
  let end = toSeconds + 1;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
}

const minutesOfDay = 24 * 60;
const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

/** Mostly the day stays the same, and no calendar is needed. */
function shifted(text: string, zone: number, ending: string): string | undefined {
  const sign = text.charCodeAt(zone);
  if (sign !== letter.plus && sign !== letter.minus) return undefined;
  const hours = number(text, zone + 1);
  const minutes = number(text, zone + 4);
  const isZone = hours < 24 && minutes < 60 && text.charCodeAt(zone + 3) === letter.colon;
  if (!isZone || text.length > zone + 6) return undefined;
  const offset = (hours * 60 + minutes) * (sign === letter.minus ? -1 : 1);
  const minute = number(text, 11) * 60 + number(text, 14) - offset;
  if (minute >= 0 && minute < minutesOfDay) {
    const time = `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
    return `${text.slice(0, 11)}${time}${text.slice(16, zone)}${ending}`;
  }
  const utc = new Date(Date.parse(`${text.slice(0, toSeconds)}Z`) - offset * 60_000).toISOString();
  return utc[4] === '-' ? `${utc.slice(0, toSeconds)}${text.slice(toSeconds, zone)}${ending}` : undefined;
}

const days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year > 0 && day > 0 && day <= (days[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** The later of two timestamps, of which either may be missing. */
export function latest(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  return b === null || a > b ? a : b;
}

/** The earlier of two timestamps, of which either may be missing. */
export function earliest(a: string | null, b: string | null): string | null {
  if (a === null) return b;
  return b === null || a < b ? a : b;
}
