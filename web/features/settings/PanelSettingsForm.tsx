import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Notice } from '../../ui/Notice.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SettingRow } from './SettingRow.tsx';
import { panelSettingsQuery, useSetPanelSettings, type PanelSettings } from './settings.queries.ts';

/** Settings of the whole panel. */
export function PanelSettingsForm() {
  const { t } = useTranslation();
  const mayRead = useCan()('settings.read');
  const { data, error, refetch } = useQuery({ ...panelSettingsQuery, enabled: mayRead });
  if (!mayRead) {
    return (
      <Section padding="flush">
        <EmptyState icon={IconLock} title={t('settings.panel.notAllowed')} />
      </Section>
    );
  }
  if (data !== undefined) return <Fields key={JSON.stringify(data)} saved={data} />;
  return (
    <Section padding="flush">
      {error === null ? <LoadingRows rows={3} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Section>
  );
}

function Fields({ saved }: { readonly saved: PanelSettings }) {
  const { t } = useTranslation();
  const mayWrite = useCan()('settings.write');
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSetPanelSettings();
  const [values, setValues] = useState(saved);
  const isChanged = values.panelName !== saved.panelName || values.defaultLanguage !== saved.defaultLanguage;
  const edit = (part: Partial<PanelSettings>): void => {
    setValues((before) => ({ ...before, ...part }));
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!mayWrite || !isChanged || save.isPending) return;
    save.mutate(values, { onSuccess: () => sayDone(t('common.states.saved')) });
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  return (
    <form onSubmit={submit} noValidate>
      <Section>
        {isOther && (
          <Notice tone="bad" role="alert">
            {errorText(save.error)}
          </Notice>
        )}
        <SettingRow
          id="panel-name"
          label={t('settings.panel.name')}
          hint={t('settings.panel.nameHint', { product: t('common.productName') })}
        >
          <TextInput
            aria-labelledby="panel-name"
            value={values.panelName}
            onChange={(event) => edit({ panelName: event.currentTarget.value })}
            error={errors['panelName']}
            placeholder={t('common.productName')}
            maxLength={60}
            dir="auto"
            disabled={!mayWrite}
          />
        </SettingRow>
        <SettingRow label={t('settings.panel.language')} hint={t('settings.panel.languageHint')}>
          <SegmentedControl
            aria-label={t('settings.panel.language')}
            value={values.defaultLanguage}
            onChange={(value) => edit({ defaultLanguage: value as PanelSettings['defaultLanguage'] })}
            disabled={!mayWrite}
            data={[
              { value: 'auto', label: t('settings.appearance.auto') },
              { value: 'ar', label: <span lang="ar">العربية</span> },
              { value: 'en', label: <span lang="en">English</span> },
            ]}
          />
        </SettingRow>
        <Group mt="lg" gap="xs">
          <WhyNot reason={mayWrite ? false : t('settings.panel.readOnly')}>
            <Button type="submit" loading={save.isPending} disabled={!mayWrite || !isChanged}>
              {t('common.actions.save')}
            </Button>
          </WhyNot>
          {isChanged && (
            <Button variant="default" onClick={() => edit(saved)}>
              {t('common.actions.discard')}
            </Button>
          )}
        </Group>
      </Section>
    </form>
  );
}
