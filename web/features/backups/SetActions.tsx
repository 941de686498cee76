import { ActionIcon, Button, Menu, Text } from '@mantine/core';
import {
  IconDots,
  IconFileExport,
  IconPin,
  IconPinnedOff,
  IconRestore,
  IconShieldCheck,
  IconTrash,
  IconZoomCheck,
  IconZoomScan,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupSet } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { backupsQuery, usePin, useStartRun } from './backups.queries.ts';
import { PathDialog } from './PathDialog.tsx';
import { useRun } from './use-run.ts';

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** What can be done with one backup. */
export function SetActions({ set, onRestore }: { readonly set: BackupSet; readonly onRestore: () => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const prove = useRun();
  const mayRestore = can('backups.restore');
  const mayCreate = can('backups.create');
  const { targetId, setId } = set;
  return (
    <>
      <WhyNot reason={!mayCreate}>
        <Button
          variant="default"
          leftSection={<IconShieldCheck size={17} aria-hidden />}
          disabled={!mayCreate}
          loading={prove.isPending}
          onClick={() => prove.start({ kind: 'prove', targetId, setId })}
        >
          {t('backups.set.prove')}
        </Button>
      </WhyNot>
      <WhyNot reason={!mayRestore}>
        <Button leftSection={<IconRestore size={17} aria-hidden />} disabled={!mayRestore} onClick={onRestore}>
          {t('backups.set.restore')}
        </Button>
      </WhyNot>
      <MoreActions set={set} />
    </>
  );
}

function MoreActions({ set }: { readonly set: BackupSet }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const can = useCan();
  const run = useRun();
  const pin = usePin(set);
  const [question, setQuestion] = useState<'export' | 'remove' | null>(null);
  const { targetId, setId, isPinned } = set;
  const setPinned = (next: boolean): void =>
    finish(pin, next, {
      onSuccess: () => sayDone(t(next ? 'backups.set.pinnedDone' : 'backups.set.unpinnedDone')),
      onError: (error) => sayFailed(t('backups.set.pinFailed'), errorText(error)),
    });
  const verify = (isFull: boolean): void => run.start({ kind: 'verify', targetId, setId, isFull });
  const close = (): void => setQuestion(null);
  return (
    <>
      <Menu width={270}>
        <Menu.Target>
          <ActionIcon size={36} variant="default" aria-label={t('backups.set.menu')}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconZoomCheck {...icon} />}
            disabled={!can('backups.create')}
            onClick={() => verify(false)}
          >
            {t('backups.set.verifyQuick')}
            <Hint text={t('backups.set.verifyQuickText')} />
          </Menu.Item>
          <Menu.Item
            leftSection={<IconZoomScan {...icon} />}
            disabled={!can('backups.create')}
            onClick={() => verify(true)}
          >
            {t('backups.set.verifyFull')}
            <Hint text={t('backups.set.verifyFullText')} />
          </Menu.Item>
          <Menu.Item
            leftSection={isPinned ? <IconPinnedOff {...icon} /> : <IconPin {...icon} />}
            disabled={!can('backups.manage')}
            onClick={() => setPinned(!isPinned)}
          >
            {t(isPinned ? 'backups.set.unpin' : 'backups.set.pin')}
            {!isPinned && <Hint text={t('backups.set.pinText')} />}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileExport {...icon} />}
            disabled={!can('backups.restore')}
            onClick={() => setQuestion('export')}
          >
            {t('backups.set.export')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={!can('backups.manage')}
            onClick={() => setQuestion('remove')}
          >
            {t('backups.set.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {question === 'export' && (
        <PathDialog
          title={t('backups.set.exportTitle')}
          text={t('backups.set.exportText')}
          action={t('backups.set.exportAction')}
          example={`/root/${set.at.slice(0, 10)}.aapanel-backup`}
          onClose={close}
          onPath={(path) => {
            close();
            run.start({ kind: 'export', targetId, setId, path });
          }}
        />
      )}
      <RemoveQuestion set={set} isOpen={question === 'remove'} onClose={close} />
    </>
  );
}

type RemoveQuestionProps = { readonly set: BackupSet; readonly isOpen: boolean; readonly onClose: () => void };

function RemoveQuestion({ set, isOpen, onClose }: RemoveQuestionProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const remove = useStartRun();
  const target = useQuery(backupsQuery).data?.targets.find(({ id }) => id === set.targetId);
  const confirm = (): void =>
    finish(
      remove,
      { kind: 'remove', targetId: set.targetId, setIds: [set.setId] },
      {
        onSuccess: (job) => {
          openJobs(job.id);
          void navigate({ to: '/backups/sets' });
        },
        onError: (error) => sayFailed(t('backups.run.startFailed'), errorText(error)),
        onSettled: onClose,
      },
    );
  return (
    <ConfirmDialog
      isOpen={isOpen}
      title={t('backups.set.removeTitle')}
      confirmLabel={t('backups.set.removeAction')}
      isDangerous
      isBusy={remove.isPending}
      onConfirm={set.isPinned ? null : confirm}
      onClose={onClose}
    >
      {set.isPinned
        ? t('backups.set.removePinned')
        : t('backups.set.removeText', {
            at: format.dateTime(set.at),
            target: target?.name ?? t('backups.plans.noTarget'),
          })}
    </ConfirmDialog>
  );
}

function Hint({ text }: { readonly text: string }) {
  return (
    <Text size="xs" c="dimmed" component="span" display="block">
      {text}
    </Text>
  );
}
