import { ActionIcon, Badge, Button, Group, TextInput, Tooltip } from '@mantine/core';
import { IconFingerprint, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import type { Passkey } from '../accounts/factors.queries.ts';
import { useRemovePasskey, useRenamePasskey } from './account.queries.ts';
import { OwnRow } from './OwnRow.tsx';

type PasskeyRowProps = {
  readonly passkey: Passkey;
  /** The host name under which passkeys work here; null: they do not. */
  readonly here: string | null;
};

export function PasskeyRow({ passkey, here }: PasskeyRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const remove = useRemovePasskey();
  const [isNaming, setIsNaming] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const renameLabel = t('account.passkeys.rename', { name: passkey.name });
  const removeLabel = t('account.passkeys.remove', { name: passkey.name });
  return (
    <>
      <OwnRow
        icon={IconFingerprint}
        tone="good"
        name={
          isNaming ? (
            <Rename passkey={passkey} label={renameLabel} onEnd={() => setIsNaming(false)} />
          ) : (
            <>
              <bdi>{passkey.name}</bdi>
              {passkey.rpId !== here && (
                <Tooltip label={t('account.passkeys.elsewhereText')}>
                  <Badge color="gray">
                    {t('account.passkeys.elsewhere')} <Token>{passkey.rpId}</Token>
                  </Badge>
                </Tooltip>
              )}
            </>
          )
        }
        facts={[
          t('account.own.added', { time: format.ago(passkey.addedAt) }),
          passkey.lastUsedAt === null
            ? t('account.own.neverUsed')
            : t('account.own.lastUsed', { time: format.ago(passkey.lastUsedAt) }),
        ]}
        actions={
          !isNaming && (
            <>
              <Tooltip label={renameLabel}>
                <ActionIcon size="lg" aria-label={renameLabel} onClick={() => setIsNaming(true)}>
                  <IconPencil size={18} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={removeLabel}>
                <ActionIcon size="lg" aria-label={removeLabel} onClick={() => setIsAsking(true)}>
                  <IconTrash size={18} stroke={1.7} />
                </ActionIcon>
              </Tooltip>
            </>
          )
        }
      />
      <ConfirmDialog
        isOpen={isAsking}
        title={removeLabel}
        confirmLabel={t('account.own.remove')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(remove, passkey.id, {
            onSuccess: () => sayDone(t('account.passkeys.removed', { name: passkey.name })),
            onError: (error) => sayFailed(t('account.passkeys.removeFailed'), errorText(error)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('account.passkeys.removeText')}
      </ConfirmDialog>
    </>
  );
}

type RenameProps = { readonly passkey: Passkey; readonly label: string; readonly onEnd: () => void };

function Rename({ passkey, label, onEnd }: RenameProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const rename = useRenamePasskey();
  const [name, setName] = useState(passkey.name);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() === '' || rename.isPending) return;
    if (name.trim() === passkey.name) return onEnd();
    finish(
      rename,
      { passkeyId: passkey.id, name: name.trim() },
      {
        onSuccess: onEnd,
        onError: (error) => sayFailed(t('account.passkeys.renameFailed'), errorText(error)),
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs">
        <TextInput
          aria-label={label}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') onEnd();
          }}
          maxLength={60}
          dir="auto"
          autoFocus
        />
        <Button type="submit" loading={rename.isPending} disabled={name.trim() === ''}>
          {t('common.actions.save')}
        </Button>
        <Button variant="default" onClick={onEnd}>
          {t('common.actions.cancel')}
        </Button>
      </Group>
    </form>
  );
}
