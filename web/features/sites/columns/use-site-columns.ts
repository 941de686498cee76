import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '#shared/accounts.ts';
import type { Preferences } from '#shared/settings.ts';
import { siteColumns, type SiteColumn } from '#shared/site-columns.ts';
import { call } from '../../../api/client.ts';
import { useCan, useMe, useSetMe } from '../../../api/session.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { sayFailed } from '../../../ui/toasts.ts';

/** The columns that this person chose: shown at once, kept with the account, put back when that fails. */
export function useSiteColumns(): {
  /** Those that they may see at all. */
  readonly offered: readonly SiteColumn[];
  readonly chosen: readonly SiteColumn[];
  readonly choose: (columns: readonly SiteColumn[]) => void;
} {
  const { t } = useTranslation();
  const me = useMe();
  const setMe = useSetMe();
  const can = useCan();
  const errorText = useErrorText();
  const { mutate } = useMutation({
    mutationFn: (body: Preferences) => call(accountsApi.setPreferences, { body }),
    onMutate: (preferences) => {
      setMe({ ...me, preferences });
      return me;
    },
    onError: (error, _preferences, before) => {
      if (before !== undefined) setMe(before);
      sayFailed(t('errors.title'), errorText(error));
    },
    // One after the other: the last choice is the one that stays.
    scope: { id: 'site-columns' },
  });
  const offered = siteColumns.filter((column) => column !== 'backup' || can('backups.read'));
  return {
    offered,
    chosen: offered.filter((column) => me.preferences.siteColumns.includes(column)),
    choose: (columns) => mutate({ ...me.preferences, siteColumns: [...columns] }),
  };
}
