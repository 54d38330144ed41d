import { constants } from 'node:zlib';
import compress from 'koa-compress';

/** Smaller bodies fit into a packet as they are. */
const threshold = 1024;

/**
 * Compresses what is worth it as the caller prefers, by Brotli or gzip (RFC 9110, 12.5.3); at levels that cost less
 * time than sending the bytes would.
 */
export const compression = () =>
  compress({
    threshold,
    br: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
    gzip: { level: 4 },
    deflate: false,
    zstd: false,
  });
