import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { MachineSettings } from '#shared/machine-settings.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { useSetAutomaticUpdates } from './machine-settings.queries.ts';

export function AutomaticUpdatesSetting({ now }: { readonly now: MachineSettings['automaticUpdates'] }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('services.write');
  const save = useSetAutomaticUpdates();
  const change = (isOn: boolean): void =>
    save.mutate(
      { isOn },
      {
        onSuccess: () => sayDone(t('common.states.saved')),
        onError: (error) => sayFailed(t('services.machine.automaticFailed'), errorText(error)),
      },
    );
  return (
    <SettingRow
      id="machine-updates"
      label={t('services.machine.automatic')}
      hint={t(`services.machine.automaticHint.${now}`)}
    >
      {now === 'not_installed' ? (
        <InstallButton name="unattended-upgrades" label={t('services.machine.automaticInstall')} />
      ) : (
        <WhyNot reason={!mayWrite}>
          <Switch
            aria-labelledby="machine-updates"
            checked={now === 'on'}
            disabled={!mayWrite || save.isPending}
            onChange={(event) => change(event.currentTarget.checked)}
          />
        </WhyNot>
      )}
    </SettingRow>
  );
}
