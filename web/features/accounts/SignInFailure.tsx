import { IconClock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { clockOf } from './use-wait.ts';

/** Why name and password did not let somebody in. `wait`: seconds until the next try. */
export function SignInFailure({ error, wait }: { readonly error: unknown; readonly wait: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { code, reason } = toApiError(error);
  if (reason === 'banned') {
    return (
      <Notice tone="warn" icon={IconClock} role="alert">
        {errorText(error)}
      </Notice>
    );
  }
  if (code === 'rate_limited') {
    return (
      <Notice tone="warn" icon={IconClock} role="alert">
        {wait > 0
          ? t('accounts.signIn.limited', { time: clockOf(wait, (value) => format.number(value)) })
          : t('accounts.signIn.limitedUnknown')}
      </Notice>
    );
  }
  return (
    <Notice tone="bad" role="alert">
      {code === 'not_signed_in' ? t('accounts.signIn.wrong') : errorText(error)}
    </Notice>
  );
}
