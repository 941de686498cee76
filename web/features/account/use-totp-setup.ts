import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmBefore } from '../../api/elevation.ts';
import { useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { useNewTotp, type TotpSecret } from './account.queries.ts';

/** Confirms first, then asks for a secret: the person is not interrupted with the code in hand. */
export function useTotpSetup(): {
  readonly secret: TotpSecret | null;
  readonly isStarting: boolean;
  readonly start: () => void;
  readonly close: () => void;
} {
  const { t } = useTranslation();
  const { elevatedUntil } = useMe();
  const errorText = useErrorText();
  const { mutateAsync } = useNewTotp();
  const [secret, setSecret] = useState<TotpSecret | null>(null);
  const [isStarting, setIsStarting] = useState(false);
  const begin = async (): Promise<void> => {
    setIsStarting(true);
    try {
      await confirmBefore(elevatedUntil);
      setSecret(await mutateAsync());
    } catch (error) {
      sayFailed(t('account.totp.failed'), errorText(error));
    } finally {
      setIsStarting(false);
    }
  };
  return { secret, isStarting, start: () => void begin(), close: () => setSecret(null) };
}
