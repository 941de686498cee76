import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MachineSettings } from '#shared/machine-settings.ts';
import { finish } from '../../api/finish.ts';
import { sayDone } from '../../ui/toasts.ts';
import { SettingRow } from '../settings/SettingRow.tsx';
import { TimeZoneChoice } from '../settings/TimeZoneChoice.tsx';
import { useSetMachineZone } from './machine-settings.queries.ts';
import { SaveRow } from './SaveRow.tsx';

export function ZoneSetting({ clock }: { readonly clock: MachineSettings['clock'] }) {
  const { t } = useTranslation();
  const save = useSetMachineZone();
  const [value, setValue] = useState(clock.zone);
  const said = clock.isSynchronized === null ? 'unknown' : clock.isSynchronized ? 'yes' : 'no';
  return (
    <SettingRow
      id="machine-zone"
      label={t('services.machine.zone')}
      hint={
        <>
          {t('services.machine.zoneHint')} {t(`services.machine.synchronized.${said}`)}
        </>
      }
    >
      <SaveRow
        label={t('services.machine.zone')}
        isChanged={value !== null && value !== clock.zone}
        isPending={save.isPending}
        error={save.error}
        onSave={() => {
          if (value !== null) finish(save, { zone: value }, { onSuccess: () => sayDone(t('common.states.saved')) });
        }}
      >
        <TimeZoneChoice labelledBy="machine-zone" hasAuto={false} value={value} onChange={setValue} />
      </SaveRow>
    </SettingRow>
  );
}
