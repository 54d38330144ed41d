const names = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whether a URL leads to this very machine, by one of its usual names. */
export const isLoopback = ({ hostname }: Pick<URL, 'hostname'>): boolean => names.has(hostname);

/** Whether what goes there, such as a token, can be read by nobody on the way: by HTTPS, or plainly on this very machine. */
export const isUnheard = (url: Pick<URL, 'protocol' | 'hostname'>): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
