import { ActionIcon, Button, Stack, Text, Tooltip } from '@mantine/core';
import {
  IconArrowLeft,
  IconFingerprint,
  IconKey,
  IconPencil,
  IconPlus,
  IconServer,
  IconTrash,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Terminal } from '#shared/terminals.ts';
import { ApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { HostFingerprint } from './HostFingerprint.tsx';
import { HostForm } from './HostForm.tsx';
import { RecordingWish } from './RecordingWish.tsx';
import { sshHostCheckQuery, sshHostsQuery, useRemoveHost, type HostDraft, type SshHost } from './ssh-hosts.queries.ts';
import classes from './Terminals.module.css';
import { useOpenTerminal } from './terminals.queries.ts';

type HostsSheetProps = { readonly onOpened: (terminal: Terminal) => void; readonly onClose: () => void };

/** What the sheet shows: the list, or one thing about one host. */
type View =
  | { readonly what: 'list' }
  | { readonly what: 'form'; readonly draft: HostDraft }
  | { readonly what: 'key' | 'fingerprint'; readonly host: SshHost };

const list: View = { what: 'list' };

/** Saved hosts: to be added, known by their keys, and connected to in a terminal of this page. */
export function HostsSheet({ onOpened, onClose }: HostsSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(sshHostsQuery);
  const client = useQueryClient();
  const [isWished, setIsWished] = useState(false);
  const opening = useOpenTerminal();
  const remove = useRemoveHost();
  const [view, setView] = useState<View>(list);
  const [removing, setRemoving] = useState<SshHost | null>(null);
  const connect = (host: SshHost): void => {
    if (host.trusted === null) return setView({ what: 'fingerprint', host });
    finish(
      opening,
      { kind: 'host', hostId: host.id, cols: 80, rows: 24, isRecorded: isWished },
      {
        onSuccess: onOpened,
        onError: (failure) => {
          if (!(failure instanceof ApiError) || failure.reason !== 'ssh_host_changed')
            return sayFailed(t('terminals.notOpened'), errorText(failure));
          // There stands what it shows now beside what was confirmed.
          void client.invalidateQueries({ queryKey: sshHostCheckQuery(host.id).queryKey });
          setView({ what: 'fingerprint', host });
        },
      },
    );
  };
  const saved = (host: SshHost, isNew: boolean): void => {
    if (isNew && host.key !== null) setView({ what: 'key', host });
    else setView(host.trusted === null ? { what: 'fingerprint', host } : list);
  };
  const forget = ({ id }: SshHost): void =>
    finish(remove, id, {
      onError: (failure) => sayFailed(t('terminals.hosts.notRemoved'), errorText(failure)),
      onSettled: () => setRemoving(null),
    });
  const add = (
    <Button
      leftSection={<IconPlus size={16} aria-hidden />}
      onClick={() => setView({ what: 'form', draft: { name: '', address: '', port: 22, user: '', auth: 'key' } })}
    >
      {t('terminals.hosts.add')}
    </Button>
  );
  return (
    <SideSheet title={t('terminals.hosts.title')} size={620} onClose={onClose} closesOnEscape={removing === null}>
      {view.what === 'form' ? (
        <HostForm
          start={view.draft}
          onSaved={(host) => saved(host, view.draft.id === undefined || view.draft.auth !== 'key')}
          onCancel={() => setView(list)}
        />
      ) : view.what !== 'list' ? (
        <>
          <div className={classes.hostHead}>
            <Button
              variant="subtle"
              size="xs"
              leftSection={<IconArrowLeft size={16} className="mirrored" aria-hidden />}
              onClick={() => setView(list)}
            >
              {t('terminals.hosts.back')}
            </Button>
            <Text size="sm">
              <bdi>{view.host.name}</bdi> · <Place of={view.host} />
            </Text>
          </div>
          {view.what === 'key' ? (
            <HostKey host={view.host} onNext={() => setView({ what: 'fingerprint', host: view.host })} />
          ) : (
            <HostFingerprint host={view.host} isOpening={opening.isPending} onConnect={connect} />
          )}
        </>
      ) : data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <EmptyState
          icon={IconServer}
          title={t('terminals.hosts.none')}
          text={t('terminals.hosts.noneText')}
          action={add}
        />
      ) : (
        <>
          <Text size="sm" c="dimmed" mb="md">
            {t('terminals.hosts.lead')}
          </Text>
          <RecordingWish kinds={['host']} isWished={isWished} onWish={setIsWished} />
          <div className={classes.bookHead}>{add}</div>
          <ul className={classes.book}>
            {data.items.map((host) => (
              <HostRow
                key={host.id}
                host={host}
                isOpening={opening.isPending && opening.variables.hostId === host.id}
                onConnect={() => connect(host)}
                onView={setView}
                onRemove={() => setRemoving(host)}
              />
            ))}
          </ul>
        </>
      )}
      <ConfirmDialog
        isOpen={removing !== null}
        title={t('terminals.hosts.removeTitle', { name: removing?.name ?? '' })}
        confirmLabel={t('terminals.hosts.removeConfirm')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={() => removing !== null && forget(removing)}
      >
        {t('terminals.hosts.removeText')}
      </ConfirmDialog>
    </SideSheet>
  );
}

type HostRowProps = {
  readonly host: SshHost;
  readonly isOpening: boolean;
  readonly onConnect: () => void;
  readonly onView: (view: View) => void;
  readonly onRemove: () => void;
};

function HostRow({ host, isOpening, onConnect, onView, onRemove }: HostRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, name, address, port, user, auth, key, trusted } = host;
  const draft: HostDraft = { id, name, address, port, user, auth };
  return (
    <li className={classes.host}>
      <div className={classes.hostFacts}>
        <Text fw={600} size="sm">
          <bdi>{name}</bdi>
        </Text>
        <Text size="sm">
          <Place of={host} /> · {t(auth === 'key' ? 'terminals.hosts.byKey' : 'terminals.hosts.byPassword')}
        </Text>
        <Text size="xs" c="dimmed">
          {trusted === null
            ? t('terminals.hosts.unconfirmed')
            : t('terminals.hosts.confirmed', { by: trusted.by, at: format.dateTime(trusted.at) })}
        </Text>
      </div>
      <div className={classes.hostActions}>
        <Button
          size="xs"
          variant="default"
          title={t('terminals.hosts.connectTo', { name })}
          loading={isOpening}
          onClick={onConnect}
        >
          {t('terminals.hosts.connect')}
        </Button>
        <RowAction
          icon={IconFingerprint}
          label={t('terminals.hosts.check', { name })}
          onClick={() => onView({ what: 'fingerprint', host })}
        />
        {key !== null && (
          <RowAction
            icon={IconKey}
            label={t('terminals.hosts.showKey', { name })}
            onClick={() => onView({ what: 'key', host })}
          />
        )}
        <RowAction
          icon={IconPencil}
          label={t('terminals.hosts.change', { name })}
          onClick={() => onView({ what: 'form', draft })}
        />
        <RowAction icon={IconTrash} label={t('terminals.hosts.remove', { name })} onClick={onRemove} />
      </div>
    </li>
  );
}

function Place({ of: { user, address, port } }: { readonly of: SshHost }) {
  const host = address.includes(':') ? `[${address}]` : address;
  return <Token mono>{`${user}@${host}${port === 22 ? '' : `:${port}`}`}</Token>;
}

/** The public part, which the person puts on the host. */
function HostKey({ host, onNext }: { readonly host: SshHost; readonly onNext: () => void }) {
  const { t } = useTranslation();
  const publicKey = host.key?.publicKey ?? '';
  return (
    <Stack gap="lg">
      <div>
        <Text fw={600}>{t('terminals.hosts.key.title')}</Text>
        <Text size="sm" c="dimmed" mt={4}>
          {t('terminals.hosts.key.text', { user: host.user })}
        </Text>
      </div>
      <div className={classes.copied} dir="ltr">
        <Token mono>{publicKey}</Token>
        <CopyButton value={publicKey} label={t('terminals.hosts.key.copy')} />
      </div>
      <div className={classes.bookButtons}>
        <Button onClick={onNext}>{t('terminals.hosts.key.next')}</Button>
      </div>
    </Stack>
  );
}

type RowActionProps = { readonly icon: typeof IconPencil; readonly label: string; readonly onClick: () => void };

function RowAction({ icon: ActionMark, label, onClick }: RowActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        <ActionMark size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
