/*
 * Where a database server on another machine is. Without schemas: forms check the same.
 */

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const nameShape = new RegExp(`^(?:${label}\\.)*${label}$`, 'i');
const number = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4Shape = new RegExp(`^${number}(?:\\.${number}){3}$`);
/** Groups of digits and colons; whether they are an address, whoever connects finds out. */
const ipv6Shape = /^(?=.*:.*:)[0-9a-f:]{2,39}$/i;
/** What some resolvers read as an address although nobody would: `2130706433`, `0x7f.1`. */
const numberLike = /^(?:0x[0-9a-f]*|\d+)$/i;

/** A name or an address, never a path of a socket, an option, a list or a connection string. */
export function isRemoteHost(text: string): boolean {
  if (text.length > 253) return false;
  if (ipv4Shape.test(text) || ipv6Shape.test(text)) return true;
  return nameShape.test(text) && !numberLike.test(text.slice(text.lastIndexOf('.') + 1));
}

/** Names under which administrators come in: in every tool and file the same, whatever quotes mean there. */
const adminShape = /^[A-Za-z_][A-Za-z0-9_.@-]{0,79}$/;
const secretShape = /^[^\u0000-\u001f\u007f]{1,256}$/;
const authorityShape = /^\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s-]+$/;
export const mostAuthorityLength = 65_536;

/** Keys of `errors.fields`. */
export const remoteProblems = {
  host: (text: string): string | undefined => (isRemoteHost(text) ? undefined : 'remote_host_invalid'),
  user: (text: string): string | undefined => (adminShape.test(text) ? undefined : 'remote_user_invalid'),
  password: (text: string): string | undefined => (secretShape.test(text) ? undefined : 'control_characters'),
  authority: (text: string): string | undefined =>
    text.length <= mostAuthorityLength && authorityShape.test(text) ? undefined : 'remote_authority_invalid',
} as const;

export const remotePortOf = { mariadb: 3306, postgresql: 5432 } as const;
