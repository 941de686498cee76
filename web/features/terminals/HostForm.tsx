import { Button, Group, NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useSaveHost, type HostDraft, type SshHost } from './ssh-hosts.queries.ts';
import classes from './Terminals.module.css';

type HostFormProps = {
  readonly start: HostDraft;
  readonly onSaved: (host: SshHost) => void;
  readonly onCancel: () => void;
};

/** A host's name, place and account, and how one signs in there. */
export function HostForm({ start, onSaved, onCancel }: HostFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSaveHost();
  const [draft, setDraft] = useState(start);
  const [isTried, setIsTried] = useState(false);
  const change = (part: Partial<HostDraft>): void => {
    setDraft({ ...draft, ...part });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if ([draft.name, draft.address, draft.user].some((text) => text.trim() === '') || save.isPending) return;
    const body = { ...draft, address: draft.address.trim(), user: draft.user.trim() };
    finish(save, body, { onSuccess: onSaved });
  };
  const said = save.isError ? fieldErrors(save.error) : {};
  const errorOf = (field: 'name' | 'address' | 'user'): string | undefined =>
    said[field] ?? (isTried && draft[field].trim() === '' ? t('terminals.hosts.form.required') : undefined);
  const isMoved = start.id !== undefined && (draft.address !== start.address || draft.port !== start.port);
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="lg">
        {save.isError && toApiError(save.error).fields.length === 0 && (
          <Notice tone="bad" role="alert" title={t('terminals.hosts.form.notSaved')}>
            {errorText(save.error)}
          </Notice>
        )}
        <TextInput
          label={t('terminals.hosts.form.name')}
          value={draft.name}
          dir="auto"
          maxLength={60}
          onChange={({ currentTarget: { value } }) => change({ name: value })}
          error={errorOf('name')}
          data-autofocus
        />
        <Group align="flex-start" gap="sm" wrap="nowrap">
          <TextInput
            label={t('terminals.hosts.form.address')}
            description={t('terminals.hosts.form.addressHint')}
            placeholder="db.example.com"
            value={draft.address}
            dir="ltr"
            flex={1}
            maxLength={253}
            spellCheck={false}
            autoCapitalize="none"
            onChange={({ currentTarget: { value } }) => change({ address: value })}
            error={errorOf('address')}
          />
          <NumberInput
            label={t('terminals.hosts.form.port')}
            description={'\u00a0'}
            w={104}
            min={1}
            max={65_535}
            clampBehavior="strict"
            allowDecimal={false}
            hideControls
            value={draft.port}
            onChange={(value) => change({ port: Math.max(1, Number(value)) })}
            error={said['port']}
          />
        </Group>
        <TextInput
          label={t('terminals.hosts.form.user')}
          description={t('terminals.hosts.form.userHint')}
          value={draft.user}
          dir="ltr"
          maxLength={64}
          spellCheck={false}
          autoCapitalize="none"
          onChange={({ currentTarget: { value } }) => change({ user: value })}
          error={errorOf('user')}
        />
        <Radio.Group
          label={t('terminals.hosts.form.auth')}
          value={draft.auth}
          onChange={(value) => change({ auth: value === 'password' ? 'password' : 'key' })}
        >
          <Stack gap="sm" mt={8}>
            {(['key', 'password'] as const).map((auth) => (
              <Radio
                key={auth}
                value={auth}
                label={t(`terminals.hosts.form.${auth}`)}
                description={t(`terminals.hosts.form.${auth}Hint`)}
              />
            ))}
          </Stack>
        </Radio.Group>
        {isMoved && <Notice tone="info">{t('terminals.hosts.form.anew')}</Notice>}
        <div className={classes.bookButtons}>
          <Button type="submit" loading={save.isPending}>
            {t('common.actions.save')}
          </Button>
          <Button variant="default" onClick={onCancel} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
