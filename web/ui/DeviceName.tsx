import { useTranslation } from 'react-i18next';
import { readDevice } from './device.ts';

/** `Firefox on Windows`; what is not known is shown as it came, shortened: the text of a stranger. */
export function DeviceName({ userAgent }: { readonly userAgent: string }) {
  return <bdi title={userAgent}>{useDeviceName()(userAgent)}</bdi>;
}

export function useDeviceName(): (userAgent: string) => string {
  const { t } = useTranslation();
  return (userAgent) => {
    const { browser, system } = readDevice(userAgent);
    if (browser !== null && system !== null) return t('accounts.device.both', { browser, system });
    const known = browser ?? system;
    if (known !== null) return known;
    return userAgent === '' ? t('accounts.device.unknown') : userAgent.slice(0, 60);
  };
}
