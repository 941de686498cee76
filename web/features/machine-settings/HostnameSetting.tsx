import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { hostnamePattern } from '#shared/machine-settings.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { sayDone } from '../../ui/toasts.ts';
import { SettingRow } from '../settings/SettingRow.tsx';
import { useSetHostname } from './machine-settings.queries.ts';
import { SaveRow } from './SaveRow.tsx';

export function HostnameSetting({ now }: { readonly now: string }) {
  const { t } = useTranslation();
  const mayWrite = useCan()('services.write');
  const save = useSetHostname();
  const [value, setValue] = useState(now);
  const wanted = value.trim().toLowerCase();
  const isFine = hostnamePattern.test(wanted);
  return (
    <SettingRow id="machine-name" label={t('services.machine.name')} hint={t('services.machine.nameHint')}>
      <SaveRow
        label={t('services.machine.name')}
        isChanged={wanted !== now && isFine}
        isPending={save.isPending}
        error={save.error}
        onSave={() => finish(save, { hostname: wanted }, { onSuccess: () => sayDone(t('common.states.saved')) })}
      >
        <TextInput
          aria-labelledby="machine-name"
          dir="ltr"
          value={value}
          maxLength={64}
          spellCheck={false}
          autoComplete="off"
          disabled={!mayWrite}
          error={isFine ? undefined : t('services.machine.nameWrong')}
          onChange={(event) => setValue(event.currentTarget.value)}
        />
      </SaveRow>
    </SettingRow>
  );
}
