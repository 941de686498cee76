import { Button, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { Permission, SiteScope } from '#shared/access.ts';
import type { RoleRow } from '#shared/people.ts';
import { toApiError } from '../../api/errors.ts';
import { useMe } from '../../api/session.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PermissionChoice } from '../../ui/PermissionChoice.tsx';
import { inOrder } from '../../ui/permission-texts.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useSaveRole } from './people.queries.ts';

type Draft = { readonly name: string; readonly permissions: readonly Permission[]; readonly siteScope: SiteScope };

const formId = 'role-form';
const fresh: Draft = { name: '', permissions: ['sites.read'], siteScope: 'assigned' };

/** A role of the panel's own: its name, on which sites, and what it may do. `role` null: a new one. */
export function RoleSheet({ role, onClose }: { readonly role: RoleRow | null; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { permissions: own } = useMe();
  const id = useId();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSaveRole(role?.id ?? null);
  const [draft, setDraft] = useState<Draft>(role ?? fresh);
  const [isTried, setIsTried] = useState(false);
  const edit = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    if (save.isError) save.reset();
  };
  const hasName = draft.name.trim() !== '';
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (!hasName || draft.permissions.length === 0 || save.isPending) return;
    const { name, siteScope } = draft;
    save.mutate(
      { name, siteScope, permissions: inOrder(draft.permissions) },
      {
        onSuccess: (saved) => {
          sayDone(t(role === null ? 'people.roles.created' : 'people.roles.saved', { name: saved.name }));
          onClose();
        },
      },
    );
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const problem = save.isError ? toApiError(save.error) : undefined;
  const isNameTaken = problem?.reason === 'role_name_taken';
  const nameError =
    isTried && !hasName
      ? fieldText(t, 'required')
      : (errors['name'] ?? (isNameTaken ? errorText(save.error) : undefined));
  return (
    <SideSheet
      title={t(role === null ? 'people.roles.create' : 'people.roles.editTitle')}
      onClose={save.isPending ? () => undefined : onClose}
      size={720}
      footer={
        <>
          <Button type="submit" form={formId} loading={save.isPending}>
            {t(role === null ? 'common.actions.create' : 'common.actions.save')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <Stack gap="lg">
          {role !== null && role.personCount > 0 && <Notice tone="info">{t('people.roles.editText')}</Notice>}
          {problem !== undefined && problem.fields.length === 0 && !isNameTaken && (
            <Notice tone="bad" role="alert" title={t('people.roles.failed')}>
              {errorText(save.error)}
            </Notice>
          )}
          <TextInput
            label={t('people.roles.name')}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            error={nameError}
            dir="auto"
            maxLength={60}
            autoComplete="off"
            data-autofocus
          />
          <div>
            <Text size="sm" fw={500} mb={6} id={id} component="div">
              {t('people.roles.scope')}
            </Text>
            <SegmentedControl
              aria-labelledby={id}
              value={draft.siteScope}
              onChange={(value) => edit({ siteScope: value as SiteScope })}
              data={(['assigned', 'all'] as const).map((value) => ({
                value,
                label: t(`people.roles.scopes.${value}`),
              }))}
            />
          </div>
          <PermissionChoice
            label={t('people.roles.permissions')}
            value={draft.permissions}
            onChange={(permissions) => edit({ permissions })}
            grantable={own}
            error={isTried && draft.permissions.length === 0 ? t('people.roles.chooseSome') : errors['permissions']}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}
