import { maxDnsAccounts, type DnsAccount, type DnsAccountBody } from '#shared/dns-accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';

type Actions = Pick<
  FakeActions,
  | 'certificates.authority'
  | 'certificates.dns_accounts'
  | 'certificates.put_dns_account'
  | 'certificates.remove_dns_account'
>;

export type FakeDnsAccounts = {
  readonly actions: Actions;
  /** An order goes by this account. Throws `dns_account_unknown`. */
  use(accountId: string, certificateId: string): void;
};

/** DNS accounts of the fake agent: secrets are looked at and forgotten at once. `nameOf`: of a certificate that is there. */
export function createFakeDnsAccounts(nameOf: (certificateId: string) => string | undefined): FakeDnsAccounts {
  const accounts = new Map<string, DnsAccount>();
  const users = new Map<string, string>();

  function shown(id: string, body: DnsAccountBody): DnsAccount {
    const { name } = body;
    if (body.kind === 'cloudflare') return { id, name, kind: body.kind };
    const { kind, server, port, keyName, algorithm } = body;
    return { id, name, kind, server, port, keyName, algorithm };
  }

  function checkSecret(before: DnsAccount | undefined, body: DnsAccountBody): void {
    const isGiven = (body.kind === 'cloudflare' ? body.token : body.secret) !== null;
    const isSameServer =
      body.kind === 'cloudflare' ||
      (before?.kind === 'rfc2136' && before.server === body.server && before.port === body.port);
    if (isGiven || (before?.kind === body.kind && isSameServer)) return;
    const field = body.kind === 'cloudflare' ? 'token' : 'secret';
    throw new AppError('invalid_request', 'The secret is missing.', { fields: [{ field, code: 'required' }] });
  }

  return {
    use(accountId, certificateId) {
      if (!accounts.has(accountId))
        throw new AppError('not_found', 'There is no such DNS account.', { reason: 'dns_account_unknown' });
      users.set(certificateId, accountId);
    },
    actions: {
      'certificates.authority': () =>
        Promise.resolve({ identities: ['letsencrypt.org'], accounts: ['https://acme.example/acct/1'] }),
      'certificates.dns_accounts': () => Promise.resolve({ items: [...accounts.values()] }),
      async 'certificates.put_dns_account'({ accountId, account }) {
        const before = accounts.get(accountId);
        if (before === undefined && accounts.size >= maxDnsAccounts)
          throw new AppError('in_use', 'No more fit.', {
            reason: 'dns_accounts_full',
            params: { max: maxDnsAccounts },
          });
        checkSecret(before, account);
        const kept = shown(accountId, account);
        accounts.set(accountId, kept);
        return kept;
      },
      async 'certificates.remove_dns_account'({ accountId }) {
        const names = [...users].flatMap(([certificateId, by]) =>
          by === accountId ? (nameOf(certificateId) ?? []) : [],
        );
        if (names.length > 0)
          throw new AppError('in_use', 'Certificates are renewed by this account.', {
            reason: 'dns_account_in_use',
            params: { certificates: names.join(', ') },
          });
        accounts.delete(accountId);
        return {};
      },
    },
  };
}
