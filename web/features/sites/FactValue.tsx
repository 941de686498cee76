import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { formatDomain, siteKinds, type SiteDomain } from '#shared/sites.ts';
import type { SiteReach } from '#shared/site-reach.ts';
import { useFormat } from '../../ui/format.ts';
import { DomainName } from '../../ui/DomainName.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Facts.module.css';

/** One fact of a site as people read it; `field` is its name in the contract. */
export function FactValue({ field, value }: { readonly field: string; readonly value: unknown }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (field === 'domains' && Array.isArray(value)) {
    return (
      <span className={classes.domains}>
        {(value as readonly SiteDomain[]).map((domain) => (
          <DomainName key={formatDomain(domain)} domain={domain} />
        ))}
      </span>
    );
  }
  if (field === 'isEnabled') return t(value === true ? 'sites.facts.on' : 'sites.facts.off');
  if (field === 'kind') {
    const kind = siteKinds.find((each) => each === value) ?? 'static';
    return t(`sites.kinds.${kind}`);
  }
  if (field === 'app' && typeof value === 'object' && value !== null) {
    const { program, arguments: rest } = value as { readonly program: string; readonly arguments: readonly string[] };
    return <Token mono>{[program, ...rest].join(' ')}</Token>;
  }
  if (field === 'php' && typeof value === 'object' && value !== null) {
    return <Token>{`PHP ${(value as { readonly version: string }).version}`}</Token>;
  }
  if (field === 'upstream' && typeof value === 'object' && value !== null) {
    const { url, isWebsocket } = value as { readonly url: string; readonly isWebsocket: boolean };
    return (
      <>
        <Token mono>{url}</Token>
        <Text component="span" size="xs" c="dimmed" ms="xs">
          {t(isWebsocket ? 'sites.facts.websocket' : 'sites.facts.noWebsocket')}
        </Text>
      </>
    );
  }
  if (field === 'deploy') {
    const source = (value as { readonly source: { readonly url: string } | null } | null)?.source ?? null;
    return source === null ? t('sites.facts.off') : <Token mono>{source.url}</Token>;
  }
  if (field === 'reach') {
    const { isDefault, front, endsAt } = value as SiteReach;
    const parts = [
      ...(isDefault ? [t('reach.default')] : []),
      ...(front === null ? [] : [t(`reach.fronts.${front.kind}`)]),
      ...(endsAt === null ? [] : [format.dateTime(endsAt)]),
    ];
    return parts.length === 0 ? t('common.states.none') : parts.join(' · ');
  }
  if (field === 'sftp') {
    const { keys } = value as { readonly keys: readonly object[] };
    return t('sftp.count', { count: keys.length, value: format.number(keys.length) });
  }
  if (field === 'tls') return t(value === null ? 'sites.facts.off' : 'sites.facts.on');
  if (typeof value !== 'string' || value === '') {
    return (
      <Text component="span" size="sm" c="dimmed">
        {t('common.states.none')}
      </Text>
    );
  }
  return field === 'root' || field === 'slug' ? <Token mono>{value}</Token> : <bdi>{value}</bdi>;
}
