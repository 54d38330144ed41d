/** The target of `rel=next` in a header `Link` (RFC 8288); some stores quote singly. @returns null where there is none */
export function nextLink(header: string | null): string | null {
  for (const [, target = '', parameters = ''] of (header ?? '').matchAll(/<([^>]*)>([^<]*)/g))
    if (/;\s*rel\s*=\s*(?:"([^"]*\s)?next(\s[^"]*)?"|'([^']*\s)?next(\s[^']*)?'|next\b)/i.test(parameters))
      return target;
  return null;
}
