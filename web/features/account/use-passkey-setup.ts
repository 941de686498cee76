import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmBefore } from '../../api/elevation.ts';
import { useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';

/** Confirms first: some browsers open their passkey dialog only right after a press, with nothing in between. */
export function usePasskeySetup(onReady: () => void): { readonly isStarting: boolean; readonly start: () => void } {
  const { t } = useTranslation();
  const { elevatedUntil } = useMe();
  const errorText = useErrorText();
  const [isStarting, setIsStarting] = useState(false);
  const begin = async (): Promise<void> => {
    setIsStarting(true);
    try {
      await confirmBefore(elevatedUntil);
      onReady();
    } catch (error) {
      sayFailed(t('account.passkeys.failed'), errorText(error));
    } finally {
      setIsStarting(false);
    }
  };
  return { isStarting, start: () => void begin() };
}
