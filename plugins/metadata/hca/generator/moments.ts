const day = 86_400_000;
/** 2018-01-01: when the first project of a generated world was submitted */
const beginning = Date.UTC(2018, 0, 1);

/** Milliseconds since the epoch: so many days after the beginning, and so many milliseconds more. */
export function onDay(days: number, millis = 0): number {
  return beginning + days * day + millis;
}

/** As versions of bundles and files must look: UTC, six fractional digits (specification, plugin-hca 1). */
export function canonical(moment: number, micros = 0): string {
  return `${new Date(moment).toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`;
}

/** The forms of RFC 3339 that metadata uses (specification, plugin-hca 2.1): `form` counts them round. */
export function stamp(moment: number, form: number): string {
  const iso = new Date(moment).toISOString();
  switch (form % 5) {
    case 0:
      return iso;
    case 1:
      return canonical(moment);
    case 2:
      return `${iso.slice(0, 19)}Z`;
    case 3:
      return `${new Date(moment + 3_600_000).toISOString().slice(0, -1)}+01:00`;
    default:
      return `${new Date(moment - 19_800_000).toISOString().slice(0, -2)}-05:30`;
  }
}
