import type { SiteSftp } from '#shared/site-sftp.ts';

/*
 * What sshd reads. Pure texts: the same facts give the same text. Values are checked by their schemas: a root of letters,
 * digits, `.`, `_`, `-` and `/`, a user `site-` and eight of a–z and 2–7, keys of one line.
 */

/** Where the keys of a site's user lie, in root's hands: the user cannot change who comes. */
export const keysFolder = '/etc/ssh/aapanel';
const dropIns = '/etc/ssh/sshd_config.d';
/** Read after those of the sites: for sshd the first word counts. */
export const commonFile = `${dropIns}/60-aapanel-sites.conf`;

export const keysFile = (user: string): string => `${keysFolder}/${user}`;
export const dropIn = (user: string): string => `${dropIns}/50-aapanel-${user}.conf`;

const notice = '# Written by aaPanel; changes by hand are noticed. كتبته لوحة aaPanel.';

/** `umask`: nginx reads what is uploaded, by the group of the folder; users of other sites do not. */
export const forceCommand = (root: string): string => `internal-sftp -d ${root} -u 0027`;

export function renderSiteAccess({ user, root }: { readonly user: string; readonly root: string }): string {
  return `${notice}
Match User ${user}
    AuthorizedKeysFile ${keysFile(user)}
    ForceCommand ${forceCommand(root)}
Match all
`;
}

/** Of every user of a site, also of those who have no keys: nothing but files, by nothing but a key. */
export const commonSettings = {
  authorizedkeysfile: 'none',
  authorizedkeyscommand: 'none',
  authorizedprincipalscommand: 'none',
  authorizedprincipalsfile: 'none',
  trustedusercakeys: 'none',
  authenticationmethods: 'publickey',
  pubkeyauthentication: 'yes',
  passwordauthentication: 'no',
  kbdinteractiveauthentication: 'no',
  hostbasedauthentication: 'no',
  disableforwarding: 'yes',
  allowtcpforwarding: 'no',
  allowstreamlocalforwarding: 'no',
  allowagentforwarding: 'no',
  x11forwarding: 'no',
  gatewayports: 'no',
  permittunnel: 'no',
  permittty: 'no',
  permituserrc: 'no',
  chrootdirectory: 'none',
  forcecommand: 'internal-sftp',
} as const;

export function renderCommonAccess(): string {
  const lines = Object.entries(commonSettings).map(([name, value]) => `    ${name} ${value}`);
  return `${notice}
Match User site-????????
${lines.join('\n')}
Match all
`;
}

/** `restrict`: the same once more, in case that somebody's own settings come first. */
export function renderKeys(keys: SiteSftp['keys']): string {
  return `${notice}\n${keys.map(({ key }) => `restrict ${key}\n`).join('')}`;
}
