import { tsigAlgorithms, type DnsAccount, type DnsAccountBody } from '#shared/dns-accounts.ts';

export type DnsAccountDraft = {
  readonly kind: DnsAccount['kind'];
  readonly name: string;
  readonly server: string;
  readonly port: string;
  readonly keyName: string;
  readonly algorithm: (typeof tsigAlgorithms)[number];
  /** Token or key; empty: what is kept stays. */
  readonly secret: string;
};
export type DnsAccountField = 'name' | 'server' | 'port' | 'keyName' | 'secret';

export function draftOf(known: DnsAccount | null): DnsAccountDraft {
  const empty = { server: '', port: '53', keyName: '', algorithm: 'hmac-sha256', secret: '' } as const;
  if (known === null) return { kind: 'cloudflare', name: '', ...empty };
  if (known.kind === 'cloudflare') return { kind: known.kind, name: known.name, ...empty };
  const { kind, name, server, port, keyName, algorithm } = known;
  return { kind, name, server, port: String(port), keyName, algorithm, secret: '' };
}

export function bodyOf(draft: DnsAccountDraft): DnsAccountBody {
  const name = draft.name.trim();
  const secret = draft.secret.trim() === '' ? null : draft.secret.trim();
  if (draft.kind === 'cloudflare') return { kind: draft.kind, name, token: secret };
  const { kind, algorithm } = draft;
  return {
    kind,
    name,
    server: draft.server.trim(),
    port: Number(draft.port),
    keyName: draft.keyName.trim(),
    algorithm,
    secret,
  };
}

/** Fields that have to be filled in first. A secret is only sent where it was given for. */
export function missingIn(draft: DnsAccountDraft, known: DnsAccount | null): DnsAccountField[] {
  const isServer = draft.kind === 'rfc2136';
  const isKept =
    known?.kind === draft.kind &&
    (known.kind === 'cloudflare' || (known.server === draft.server.trim() && String(known.port) === draft.port.trim()));
  const missing: DnsAccountField[] = [];
  if (draft.name.trim() === '') missing.push('name');
  if (isServer && draft.server.trim() === '') missing.push('server');
  if (isServer && !/^\d{1,5}$/.test(draft.port.trim())) missing.push('port');
  if (isServer && draft.keyName.trim() === '') missing.push('keyName');
  if (draft.secret.trim() === '' && !isKept) missing.push('secret');
  return missing;
}

/** The field of the form that an error of the panel belongs to. */
export function fieldOf(name: string): DnsAccountField | null {
  if (name === 'token' || name === 'secret') return 'secret';
  return name === 'name' || name === 'server' || name === 'port' || name === 'keyName' ? name : null;
}
