import { Button, NumberInput, Switch } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ProxyCache } from '#shared/behaviour/proxy-cache.ts';
import type { SiteBehaviour } from '#shared/site-behaviour.ts';
import { sitesApi, type SiteKind } from '#shared/sites.ts';
import { call } from '../../../api/client.ts';
import { finish } from '../../../api/finish.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { useFormat } from '../../../ui/format.ts';
import { sayDone, sayFailed } from '../../../ui/toasts.ts';
import { useSite } from '../site-context.ts';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import classes from './Rules.module.css';

/** What nginx keeps of applications' answers, for the whole site and its paths. */
export function ProxyCacheFields({ draft, change, errorAt, errorUnder }: RuleFormProps) {
  const { t } = useTranslation();
  const { kind, behaviour } = useSite();
  const { proxyCache } = draft;
  const set = (part: Partial<ProxyCache>): void => change({ proxyCache: { ...proxyCache, ...part } });
  const isKept = keepsAnswers(kind, draft);
  return (
    <RuleGroup title={t('behaviour.proxyCache.title')} text={t('behaviour.proxyCache.text')}>
      <div className={classes.pair}>
        {isForwarding(kind) && (
          <MinutesInput
            label={t('behaviour.proxyCache.minutes')}
            value={proxyCache.minutes}
            onChange={(minutes) => set({ minutes })}
            error={errorAt('proxyCache.minutes')}
          />
        )}
        {isKept && (
          <NumberInput
            label={t('behaviour.proxyCache.maxMib')}
            value={proxyCache.maxMib}
            onChange={(value) => set({ maxMib: Number(value) || 10 })}
            min={10}
            max={102_400}
            allowDecimal={false}
            error={errorAt('proxyCache.maxMib')}
          />
        )}
      </div>
      {isKept && (
        <>
          <LinesInput
            label={t('behaviour.proxyCache.cookieNames')}
            description={t('behaviour.proxyCache.cookieNamesText')}
            placeholder="PHPSESSID"
            value={proxyCache.cookieNames}
            onChange={(cookieNames) => set({ cookieNames })}
            error={errorUnder('proxyCache.cookieNames')}
          />
          <Switch
            label={t('behaviour.proxyCache.isStatusShown')}
            checked={proxyCache.isStatusShown}
            onChange={(event) => set({ isStatusShown: event.currentTarget.checked })}
          />
        </>
      )}
      {keepsAnswers(kind, behaviour) && <EmptyButton />}
    </RuleGroup>
  );
}

/** Sites with an application behind the whole of them. */
export function isForwarding(kind: SiteKind): boolean {
  return kind === 'proxy' || kind === 'app';
}

export function keepsAnswers(kind: SiteKind, { proxies, proxyCache }: SiteBehaviour): boolean {
  const isWhole = isForwarding(kind) && proxyCache.minutes !== null;
  return isWhole || proxies.some(({ cacheMinutes }) => cacheMinutes !== null);
}

type MinutesInputProps = {
  readonly label: string;
  readonly value: number | null;
  readonly onChange: (minutes: number | null) => void;
  readonly error: string | undefined;
};

/** How long answers are kept; empty: not at all. */
export function MinutesInput({ label, value, onChange, error }: MinutesInputProps) {
  const { t } = useTranslation();
  return (
    <NumberInput
      label={label}
      placeholder={t('behaviour.proxyCache.off')}
      value={value ?? ''}
      onChange={(minutes) => onChange(minutes === '' ? null : Number(minutes))}
      min={1}
      max={525_600}
      allowDecimal={false}
      allowNegative={false}
      error={error}
    />
  );
}

/** Acts at once, whatever of the form is not saved yet. */
function EmptyButton() {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { id: siteId } = useSite();
  const empty = useMutation({ mutationFn: () => call(sitesApi.emptyCache, { params: { siteId } }) });
  return (
    <div>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconEraser size={15} stroke={1.7} aria-hidden />}
        loading={empty.isPending}
        onClick={() =>
          finish(empty, undefined, {
            onSuccess: ({ fileCount, sizeBytes }) =>
              sayDone(
                t('behaviour.proxyCache.emptied', { value: format.number(fileCount), size: format.bytes(sizeBytes) }),
              ),
            onError: (error) => sayFailed(t('behaviour.proxyCache.emptyFailed'), errorText(error)),
          })
        }
      >
        {t('behaviour.proxyCache.empty')}
      </Button>
    </div>
  );
}
