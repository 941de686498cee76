/**
 * CAA records (RFC 8659, 8657) by which only one authority, and there only this server's accounts, may issue for names. A record
 * counts for all names below its own, so names below another one of the list need none.
 */
export function suggestCaa(
  hosts: readonly string[],
  { identities, accounts }: { readonly identities: readonly string[]; readonly accounts: readonly string[] },
): string[] {
  const names = [...new Set(hosts.map((host) => host.replace(/^\*\./, '')))];
  const tops = names.filter((name) => !names.some((other) => name.endsWith(`.${other}`)));
  const values = identities.flatMap((identity) =>
    accounts.length === 0 ? [identity] : accounts.map((account) => `${identity}; accounturi=${account}`),
  );
  return tops.flatMap((top) => {
    const isWild = hosts.some((host) => host.startsWith('*.') && (host === `*.${top}` || host.endsWith(`.${top}`)));
    const tags = isWild ? ['issue', 'issuewild'] : ['issue'];
    return tags.flatMap((tag) => values.map((value) => `${top}. CAA 0 ${tag} "${value}"`));
  });
}
