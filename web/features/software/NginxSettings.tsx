import { Button, NumberInput, Stack, Switch } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nginxLimits, nginxSettingsApi, type NginxSettings } from '#shared/nginx-settings.ts';
import { call } from '../../api/client.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';

const settingsKey = ['nginx', 'settings'];

/** What holds for all of nginx, in a sheet beside its page. */
export function NginxSettingsButton() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (!useCan()('services.read')) return null;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconAdjustments size={15} aria-hidden />}
        onClick={() => setIsOpen(true)}
      >
        {t('software.nginx.open')}
      </Button>
      {isOpen && (
        <SideSheet title={t('software.nginx.title')} onClose={() => setIsOpen(false)}>
          <Settings onSaved={() => setIsOpen(false)} />
        </SideSheet>
      )}
    </>
  );
}

function Settings({ onSaved }: { readonly onSaved: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: settingsKey,
    queryFn: ({ signal }) => call(nginxSettingsApi.get, { signal }),
  });
  if (data !== undefined) return <Form saved={data} onSaved={onSaved} />;
  return error === null ? <LoadingRows rows={5} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
}

const numbers = ['connections', 'keepaliveSeconds', 'bodyMib', 'gzipLevel'] as const;

function Form({ saved, onSaved }: { readonly saved: NginxSettings; readonly onSaved: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useCan()('services.write');
  const [draft, setDraft] = useState(saved);
  const edit = (part: Partial<NginxSettings>): void => setDraft((before) => ({ ...before, ...part }));
  const save = useMutation({
    mutationFn: (body: NginxSettings) => call(nginxSettingsApi.put, { body }),
    onSuccess: (settings) => client.setQueryData(settingsKey, settings),
  });
  const isFine =
    within(nginxLimits.workers, draft.workers ?? 1) && numbers.every((name) => within(nginxLimits[name], draft[name]));
  const isChanged = JSON.stringify(draft) !== JSON.stringify(saved);
  const number = (name: 'workers' | (typeof numbers)[number]) => (
    <NumberInput
      label={t(`software.nginx.fields.${name}`)}
      description={t(`software.nginx.hints.${name}`)}
      value={draft[name] ?? 1}
      min={nginxLimits[name].least}
      max={nginxLimits[name].most}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      disabled={!mayWrite}
      error={
        within(nginxLimits[name], draft[name] ?? 1)
          ? undefined
          : t('software.nginx.outside', { least: nginxLimits[name].least, most: nginxLimits[name].most })
      }
      onChange={(value) => edit({ [name]: typeof value === 'number' ? value : Number.NaN })}
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!mayWrite || !isChanged || !isFine || save.isPending) return;
        finish(save, draft, {
          onSuccess: () => {
            sayDone(t('common.states.saved'));
            onSaved();
          },
        });
      }}
    >
      <Stack gap="md">
        {save.isError && (
          <Notice tone="bad" role="alert">
            {errorText(save.error)}
          </Notice>
        )}
        <Switch
          label={t('software.nginx.fields.workersAuto')}
          checked={draft.workers === null}
          disabled={!mayWrite}
          onChange={(event) => edit({ workers: event.currentTarget.checked ? null : 1 })}
        />
        {draft.workers !== null && number('workers')}
        {number('connections')}
        {number('keepaliveSeconds')}
        {number('bodyMib')}
        <Switch
          label={t('software.nginx.fields.gzip')}
          checked={draft.gzip}
          disabled={!mayWrite}
          onChange={(event) => edit({ gzip: event.currentTarget.checked })}
        />
        {draft.gzip && number('gzipLevel')}
        <Switch
          label={t('software.nginx.fields.hidesVersion')}
          checked={draft.hidesVersion}
          disabled={!mayWrite}
          onChange={(event) => edit({ hidesVersion: event.currentTarget.checked })}
        />
        <WhyNot reason={!mayWrite}>
          <Button type="submit" loading={save.isPending} disabled={!mayWrite || !isChanged || !isFine}>
            {t('common.actions.save')}
          </Button>
        </WhyNot>
      </Stack>
    </form>
  );
}

function within({ least, most }: { readonly least: number; readonly most: number }, value: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}
