import { z } from 'zod';

/*
 * Parts that several kinds of rules share. None can hold what would end a word of nginx or begin a variable.
 */

/** A host name in ASCII, lower case, optionally with one leading `*.`; no address. */
export const ruleHost = z
  .string()
  .max(255)
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, {
    error: 'domain_invalid',
  });

/** Where the challenges of certificates and the panel's own question are answered: no rule reaches there. */
const ownPaths = /^\/\.well-known\/(?:acme-challenge|aapanel)(?:\/|$)/;

/** A path as people read it: decoded, from the root of the site, without a query. */
export const rulePath = z
  .string()
  .max(300)
  .regex(/^\/[^\u0000-\u0020\u007f-\u00a0\u2028\u2029"'`<>\\^{|}$?#%;]*$/, { error: 'rule_path_invalid' })
  .refine((path) => !path.includes('//') && !path.split('/').some((part) => part === '.' || part === '..'), {
    error: 'rule_path_invalid',
  })
  .refine((path) => !ownPaths.test(path), { error: 'rule_path_own' });

/** One line that stands inside of quotes in nginx: printable ASCII without `$`. */
export const plainValue = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[ -#%-~]*$/, { error: 'plain_value' });

/** An address or a network; IPv4 or IPv6. */
export const networkRange = z
  .string()
  .max(49)
  .refine((text) => isNetworkRange(text), { error: 'address_invalid' });

export function isNetworkRange(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (more.length > 0) return false;
  const isV4 = isIpv4(address);
  if (!isV4 && !isIpv6(address)) return false;
  return bits === undefined || (/^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (isV4 ? 32 : 128));
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  const all = groups.flat();
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? all.length < 8 : all.length === 8;
}

/** End of a file's name, without the dot: `jpg`, `tar.gz`. */
export const suffix = z.string().regex(/^[A-Za-z0-9]{1,16}(?:\.[A-Za-z0-9]{1,16})?$/, { error: 'suffix_invalid' });
