import { InvalidArgumentError } from 'commander';

/** Parses the option `--url`. @returns where a service answers, without a slash at the end */
export function serviceUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new InvalidArgumentError('It must begin with http(s)://.');
  if (url.username !== '' || url.password !== '')
    throw new InvalidArgumentError('It must have no credentials: others see them in the list of processes.');
  if (url.search !== '' || url.hash !== '') throw new InvalidArgumentError('It must end with its path.');
  return url.href.replace(/\/+$/, '');
}
