import { useMutation } from '@tanstack/react-query';
import { accountsApi } from '#shared/accounts.ts';
import type { Preferences } from '#shared/settings.ts';
import { call } from '../api/client.ts';
import { useMe, useSetMe } from '../api/session.ts';
import { useErrorText } from '../ui/error-text.ts';
import { useLook } from '../ui/LookProvider.tsx';
import { sayFailed } from '../ui/toasts.ts';
import { useTranslation } from 'react-i18next';

/** The person's choices: shown at once, stored with the account, put back when storing fails. */
export function usePreferences(): {
  readonly preferences: Preferences;
  readonly setPreferences: (change: Partial<Preferences>) => void;
} {
  const { t } = useTranslation();
  const { preferences } = useMe();
  const { setLook } = useLook();
  const setMe = useSetMe();
  const errorText = useErrorText();
  const { mutate } = useMutation({
    mutationFn: (body: Preferences) => call(accountsApi.setPreferences, { body }),
    onMutate: (body) => setLook(body),
    onSuccess: setMe,
    onError: (error) => {
      setLook(preferences);
      sayFailed(t('errors.title'), errorText(error));
    },
  });
  return { preferences, setPreferences: (change) => mutate({ ...preferences, ...change }) };
}
