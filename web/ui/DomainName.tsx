import { Tooltip } from '@mantine/core';
import { formatDomain, type SiteDomain } from '#shared/sites.ts';
import { toUnicodeHost } from './punycode.ts';
import { Token } from './Token.tsx';

/** `مثال.com:8080`: as people read it. */
export function readableDomain({ host, port }: SiteDomain): string {
  return formatDomain({ host: toUnicodeHost(host), port });
}

/** A domain in its own script; its ASCII form, which nginx and DNS know, shows on hover. */
export function DomainName({ domain, mono = false }: { readonly domain: SiteDomain; readonly mono?: boolean }) {
  const ascii = formatDomain(domain);
  const readable = readableDomain(domain);
  if (readable === ascii) return <Token mono={mono}>{ascii}</Token>;
  return (
    <Tooltip label={<Token mono>{ascii}</Token>}>
      <span>
        <Token mono={mono}>{readable}</Token>
      </span>
    </Tooltip>
  );
}
