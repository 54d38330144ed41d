import { z } from 'zod';

const hostSchema = z.strictObject({
  /** its addresses may be private ones: a server of one's own */
  private: z.boolean().default(false),
  /** it is asked by plain HTTP, and URLs of it are handed on that are no HTTPS ones: for trials */
  plain: z.boolean().default(false),
  /** callers' credentials are passed on to it */
  credentials: z.boolean().default(false),
});
export type DrsHost = z.output<typeof hostSchema>;

/** `name`, or `name:port` for another port than HTTPS has. */
const hostName = z
  .string()
  .max(260)
  .regex(/^[a-z0-9.-]+(:\d{1,5})?$/, 'must be a host in lower case, with or without a port');

/** Which servers of data files a catalog may ask: a way out of the deployment's network, so only these. */
export const drsSettings = z.strictObject({
  hosts: z.record(hostName, hostSchema).default({}),
  /** of the registry of compact identifiers; it has to be one of the hosts */
  registry: hostName.default('registry.api.identifiers.org'),
});
export type DrsSettings = z.output<typeof drsSettings>;
