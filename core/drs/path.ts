/** Where every DRS server describes its objects (GA4GH DRS 1.4). */
export const objectsPath = '/ga4gh/drs/v1/objects/';
