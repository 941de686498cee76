import { Button, MultiSelect, Stack, Switch } from '@mantine/core';
import { IconAdjustments } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ftpApi, ftpPassivePorts, maxFtpUsers, plainFtpWord, type FtpSettings, type FtpWish } from '#shared/ftp.ts';
import { call } from '../../api/client.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';

const settingsKey = ['ftp', 'settings'];

/** Who signs in over FTP, in a sheet beside the tools. */
export function FtpSettingsButton() {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  if (!useCan()('services.read')) return null;
  return (
    <>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconAdjustments size={15} aria-hidden />}
        aria-label={t('software.ftp.title')}
        onClick={() => setIsOpen(true)}
      >
        {t('software.ftp.open')}
      </Button>
      {isOpen && (
        <SideSheet title={t('software.ftp.title')} onClose={() => setIsOpen(false)}>
          <Settings onSaved={() => setIsOpen(false)} />
        </SideSheet>
      )}
    </>
  );
}

function Settings({ onSaved }: { readonly onSaved: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: settingsKey,
    queryFn: ({ signal }) => call(ftpApi.get, { signal }),
  });
  if (data !== undefined) return <Form saved={data} onSaved={onSaved} />;
  return error === null ? <LoadingRows rows={4} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
}

function Form({ saved, onSaved }: { readonly saved: FtpSettings; readonly onSaved: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useCan()('services.write');
  const [users, setUsers] = useState<readonly string[]>(saved.users);
  const [requiresTls, setRequiresTls] = useState(saved.requiresTls);
  const [isAsking, setIsAsking] = useState(false);
  const save = useMutation({
    mutationFn: (body: FtpWish) => call(ftpApi.put, { body }),
    onSuccess: (settings) => client.setQueryData(settingsKey, settings),
  });
  const isChanged = requiresTls !== saved.requiresTls || users.toSorted().join() !== saved.users.join();
  const send = (): void => {
    const body: FtpWish = { users: [...users], requiresTls, ...(requiresTls ? {} : { confirmed: plainFtpWord }) };
    finish(save, body, {
      onSuccess: () => {
        sayDone(t('common.states.saved'));
        onSaved();
      },
    });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!mayWrite || !isChanged || save.isPending) return;
        if (requiresTls) send();
        else setIsAsking(true);
      }}
    >
      <Stack gap="md">
        {save.isError && (
          <Notice tone="bad" role="alert">
            {errorText(save.error)}
          </Notice>
        )}
        <Notice tone="info">{t('software.ftp.sftp')}</Notice>
        <MultiSelect
          label={t('software.ftp.users')}
          description={t('software.ftp.usersHint')}
          data={[...new Set([...saved.candidates, ...saved.users])]}
          value={[...users]}
          maxValues={maxFtpUsers}
          searchable
          disabled={!mayWrite}
          nothingFoundMessage={t('software.ftp.nobody')}
          onChange={setUsers}
        />
        <Switch
          label={t('software.ftp.requiresTls')}
          description={t('software.ftp.requiresTlsHint')}
          checked={requiresTls}
          disabled={!mayWrite}
          onChange={(event) => setRequiresTls(event.currentTarget.checked)}
        />
        {!requiresTls && <Notice tone="warn">{t('software.ftp.plainText')}</Notice>}
        <Notice tone="info">
          {t('software.ftp.ports', { range: `\u2068${ftpPassivePorts.least}–${ftpPassivePorts.most}\u2069` })}
        </Notice>
        <WhyNot reason={!mayWrite}>
          <Button type="submit" loading={save.isPending} disabled={!mayWrite || !isChanged}>
            {t('common.actions.save')}
          </Button>
        </WhyNot>
      </Stack>
      <ConfirmDialog
        isOpen={isAsking}
        isDangerous
        title={t('software.ftp.plainTitle')}
        confirmLabel={t('software.ftp.plainConfirm')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          send();
        }}
      >
        {t('software.ftp.plainText')}
      </ConfirmDialog>
    </form>
  );
}
