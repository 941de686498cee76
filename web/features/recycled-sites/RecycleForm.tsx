import { Button, Group, NumberInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecycleSettings } from '#shared/recycled-sites.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';
import { useSetRecycleSettings } from './recycled-sites.queries.ts';

/** After how many days the bin is emptied by itself. */
export function RecycleForm({ settings }: { readonly settings: RecycleSettings }) {
  const { t } = useTranslation();
  const mayWrite = useCan()('settings.write');
  const errorText = useErrorText();
  const save = useSetRecycleSettings();
  const [days, setDays] = useState<number | string>(settings.days);
  const isChanged = days !== settings.days;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!mayWrite || !isChanged || typeof days !== 'number' || save.isPending) return;
    finish(save, { days }, { onSuccess: () => sayDone(t('common.states.saved')) });
  };
  return (
    <Section title={t('recycledSites.settings.title')} description={t('recycledSites.settings.note')}>
      <form onSubmit={submit} noValidate>
        <SettingRow id="recycle-days" label={t('recycledSites.settings.label')} hint={t('recycledSites.settings.hint')}>
          <NumberInput
            aria-labelledby="recycle-days"
            value={days}
            onChange={setDays}
            error={save.isError ? errorText(save.error) : undefined}
            min={0}
            max={3_650}
            allowDecimal={false}
            allowNegative={false}
            disabled={!mayWrite}
          />
        </SettingRow>
        <Group mt="lg">
          <WhyNot reason={!mayWrite}>
            <Button
              type="submit"
              disabled={!mayWrite || !isChanged || typeof days !== 'number'}
              loading={save.isPending}
            >
              {t('common.actions.save')}
            </Button>
          </WhyNot>
        </Group>
      </form>
    </Section>
  );
}
