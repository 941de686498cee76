import { useTranslation } from 'react-i18next';
import { presetNames } from '#shared/behaviour/rewrite-presets.ts';
import type { SiteBehaviour } from '#shared/site-behaviour.ts';
import { useFormat } from '../../../ui/format.ts';
import { isUntouched, ruleCards, type RuleCardFacts } from './rule-cards.ts';

/** What is set, in one line; undefined while nothing is. */
export function useRuleSummary(key: RuleCardFacts['key'], behaviour: SiteBehaviour): string | undefined {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = ruleCards.find((card) => card.key === key)?.parts ?? [];
  if (isUntouched(behaviour, parts)) return undefined;
  const { mainHost, redirects, security, headers, cors, access, maintenance, errorPages, limits } = behaviour;
  const { cache, compression, hotlink, index, isListingOn } = behaviour;
  const number = (
    name:
      | 'redirects'
      | 'headers'
      | 'addresses'
      | 'agents'
      | 'denied'
      | 'pages'
      | 'cache'
      | 'proxies'
      | 'passwords'
      | 'rewrites',
    count: number,
  ) => (count === 0 ? [] : [t(`behaviour.summary.${name}`, { value: format.number(count) })]);
  const when = (isTrue: boolean, text: string): string[] => (isTrue ? [text] : []);
  const securityCount =
    Number(security.isNosniff) +
    [security.frame, security.referrer].filter((each) => each !== 'off').length +
    [security.permissions, security.contentPolicy].filter((each) => each !== '').length;
  const isKept =
    behaviour.proxyCache.minutes !== null || behaviour.proxies.some(({ cacheMinutes }) => cacheMinutes !== null);
  const lines: Record<RuleCardFacts['key'], readonly string[]> = {
    redirects: [
      ...(mainHost === null ? [] : [t('behaviour.summary.mainHost', { host: mainHost.host })]),
      ...number('redirects', redirects.length),
    ],
    rewrites: [
      ...(behaviour.rewrites.preset === 'none' ? [] : [presetNames[behaviour.rewrites.preset]]),
      ...number('rewrites', behaviour.rewrites.rules.length),
    ],
    headers: [
      ...when(securityCount > 0, t('behaviour.summary.security', { value: format.number(securityCount) })),
      ...number('headers', headers.length),
      ...when(cors.origins.length > 0, t('behaviour.summary.cors')),
    ],
    access: [
      ...number('passwords', behaviour.passwords.length),
      ...number('addresses', access.addresses.length),
      ...when(access.methods.length > 0, access.methods.join(', ')),
      ...number('agents', access.agents.length),
      ...number('denied', access.denied.length),
    ],
    proxies: [
      ...when(!isUntouched(behaviour, ['forward']), t('behaviour.summary.forward')),
      ...number('proxies', behaviour.proxies.length),
      ...when(isKept, t('behaviour.summary.proxyCache')),
    ],
    pages: [...when(maintenance.isOn, t('behaviour.summary.closed')), ...number('pages', errorPages.pages.length)],
    limits: [
      ...(limits.requestsPerSecond === null
        ? []
        : [t('behaviour.summary.requests', { value: format.number(limits.requestsPerSecond) })]),
      ...when(
        limits.connectionsPerAddress !== null || limits.connectionsPerSite !== null,
        t('behaviour.summary.connections'),
      ),
      ...when(limits.kibPerSecond !== null, t('behaviour.summary.rate')),
      ...when(limits.bodyMib !== null, t('behaviour.summary.body')),
    ],
    files: [
      ...when(behaviour.servedFolder !== '', `/${behaviour.servedFolder}`),
      ...when(index.length > 0, index.join(', ')),
      ...number('cache', cache.length),
      ...when(compression.gzip !== 'default', t(`behaviour.summary.gzip.${compression.gzip === 'on' ? 'on' : 'off'}`)),
      ...when(
        compression.brotli !== 'default',
        t(`behaviour.summary.brotli.${compression.brotli === 'on' ? 'on' : 'off'}`),
      ),
      ...when(hotlink.isOn, t('behaviour.summary.hotlink')),
      ...(behaviour.fallback === 'none' ? [] : [t(`behaviour.summary.fallback.${behaviour.fallback}`)]),
      ...when(isListingOn, t('behaviour.summary.listing')),
    ],
    log: [
      behaviour.accessLog.isOn
        ? t(`behaviour.log.formats.${behaviour.accessLog.format}`)
        : t('behaviour.summary.unlogged'),
    ],
  };
  const text = lines[key].join(' · ');
  return text === '' ? undefined : text;
}
