const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/;
/** Most timestamps there are: on a day that every month has. */
const usual =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const canonicalLength = '2018-11-02T10:03:39.600000Z'.length;
const canonical = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/**
 * An RFC 3339 timestamp with up to six fractional digits in UTC with exactly six, or undefined
 * where the text is no such timestamp (specification, plugin-hca 2.1).
 */
export function utcTimestamp(text: string): string | undefined {
  if (usual.test(text) && !text.startsWith('0000')) {
    const seconds = text.slice(0, 19);
    if (!text.endsWith('Z')) return shifted(`${seconds}Z`, text.slice(-6), text.slice(20, -6));
    return text.length === canonicalLength ? text : padded(seconds, text.slice(20, -1));
  }
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  if (!isDate(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return zone === 'Z' ? padded(text.slice(0, 19), fraction) : shifted(`${text.slice(0, 19)}Z`, zone, fraction);
}

function padded(seconds: string, fraction: string): string {
  return `${seconds}.${fraction.padEnd(6, '0')}Z`;
}

/** Whether a text is a timestamp in the form that bundle versions must have. */
export function isCanonicalTimestamp(text: string): boolean {
  return canonical.test(text) && utcTimestamp(text) === text;
}

const minutesOfDay = 24 * 60;
const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

/** Mostly the day stays the same, and no calendar is needed. */
function shifted(local: string, zone: string, fraction: string): string | undefined {
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(4));
  if (hours > 23 || minutes > 59) return undefined;
  const offset = (hours * 60 + minutes) * (zone[0] === '-' ? -1 : 1);
  const minute = Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16)) - offset;
  if (minute >= 0 && minute < minutesOfDay) {
    const time = `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`;
    return padded(`${local.slice(0, 11)}${time}${local.slice(16, 19)}`, fraction);
  }
  const utc = new Date(Date.parse(local) - offset * 60_000).toISOString();
  return utc[4] === '-' ? padded(utc.slice(0, 19), fraction) : undefined;
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
