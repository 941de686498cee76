import { Button, Group, Modal, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useMe } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PermissionChoice } from '../../ui/PermissionChoice.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { useCreateToken } from './account.queries.ts';
import {
  emptyTokenDraft,
  expiryChoices,
  missingParts,
  tokenBody,
  type MissingPart,
  type TokenDraft,
} from './new-token-draft.ts';
import classes from './Tokens.module.css';

/** The form for a token, then its secret: shown this once. */
export function NewToken({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [secret, setSecret] = useState<string | null>(null);
  const close = (): void => {
    setSecret(null);
    onClose();
  };
  return (
    <Modal
      opened={isOpen}
      // The secret cannot be shown again: a click beside the dialog must not lose it.
      closeOnClickOutside={false}
      closeOnEscape={secret === null}
      onClose={close}
      size={720}
      title={
        <Text component="span" fw={600}>
          {t(secret === null ? 'account.tokens.newTitle' : 'account.tokens.doneTitle')}
        </Text>
      }
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
    >
      {secret === null ? <Fields onClose={close} onDone={setSecret} /> : <Secret secret={secret} onClose={close} />}
    </Modal>
  );
}

type FieldsProps = { readonly onClose: () => void; readonly onDone: (secret: string) => void };

function Fields({ onClose, onDone }: FieldsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const { permissions } = useMe();
  const create = useCreateToken();
  const [draft, setDraft] = useState(emptyTokenDraft);
  const [missing, setMissing] = useState<readonly MissingPart[]>([]);
  const edit = (part: Partial<TokenDraft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setMissing([]);
    if (create.isError) create.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const found = missingParts(draft);
    setMissing(found);
    if (found.length > 0 || create.isPending) return;
    create.mutate(tokenBody(draft), { onSuccess: (made) => onDone(made.secret) });
  };
  const said = create.isError ? fieldErrors(create.error) : {};
  const saidOf = (field: string): string | undefined =>
    said[field] ?? Object.entries(said).find(([name]) => name.startsWith(`${field}.`))?.[1];
  const isOther = create.isError && toApiError(create.error).fields.length === 0;
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="lg">
        {isOther && (
          <Notice tone="bad" role="alert">
            {errorText(create.error)}
          </Notice>
        )}
        <Group align="flex-start" grow preventGrowOverflow={false} gap="md">
          <TextInput
            label={t('account.tokens.name')}
            description={t('account.tokens.nameHint')}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            error={missing.includes('name') ? t('account.tokens.nameMissing') : saidOf('name')}
            maxLength={60}
            miw={240}
            dir="auto"
            data-autofocus
          />
          <Select
            label={t('account.tokens.expiry')}
            description={t('account.tokens.expiryHint')}
            value={String(draft.expiresInDays)}
            onChange={(value) => edit({ expiresInDays: Number(value) })}
            data={expiryChoices.map((days) => ({
              value: String(days),
              label: t('account.tokens.days', { count: days, value: format.number(days) }),
            }))}
            miw={200}
          />
        </Group>
        <PermissionChoice
          label={t('account.tokens.scopes')}
          value={draft.scopes}
          onChange={(scopes) => edit({ scopes })}
          grantable={permissions}
          error={missing.includes('scopes') ? t('account.tokens.scopesMissing') : saidOf('scopes')}
        />
        <Textarea
          label={t('account.tokens.addresses')}
          description={t('account.tokens.addressesHint')}
          placeholder={'203.0.113.7\n2001:db8::/32'}
          value={draft.addresses}
          onChange={(event) => edit({ addresses: event.currentTarget.value })}
          error={saidOf('addresses')}
          // Growing by itself leaves a measuring field behind in the page, as wide as the window once was.
          autosize={false}
          rows={3}
          resize="vertical"
          dir="ltr"
          spellCheck={false}
        />
        <Switch
          label={t('account.tokens.elevated')}
          description={t('account.tokens.elevatedHint')}
          checked={draft.isElevated}
          onChange={(event) => edit({ isElevated: event.currentTarget.checked })}
        />
        {draft.isElevated && (
          <Notice tone="warn" title={t('account.tokens.elevatedTitle')}>
            {t('account.tokens.elevatedText')}
          </Notice>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} disabled={create.isPending}>
            {t('common.actions.cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('account.tokens.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Secret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  // From the environment: an argument of a program is seen by everybody on its machine.
  const example = `curl -H "Authorization: Bearer $AAPANEL_TOKEN" ${location.origin}/api/v1/me`;
  return (
    <Stack gap="lg">
      <Notice tone="warn" title={t('account.tokens.once')}>
        {t('account.tokens.onceText')}
      </Notice>
      <div className={classes.secret} dir="ltr">
        <Token mono>{secret}</Token>
        <CopyButton value={secret} label={t('account.tokens.copy')} />
      </div>
      <div>
        <Text size="sm" c="dimmed" mb={6}>
          {t('account.tokens.example')}
        </Text>
        <div className={classes.secret} dir="ltr">
          <Token mono>{example}</Token>
          <CopyButton value={example} />
        </div>
      </div>
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('account.tokens.kept')}</Button>
      </Group>
    </Stack>
  );
}
