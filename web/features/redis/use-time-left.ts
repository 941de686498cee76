import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';

/** When a key goes, in words: to the second when it is about to. */
export function useTimeLeft(): (ms: number) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return (ms) =>
    ms < 60_000
      ? t('redis.goesIn', { time: format.duration(ms) })
      : t('redis.goes', { when: format.ago(new Date(Date.now() + ms).toISOString()) });
}
