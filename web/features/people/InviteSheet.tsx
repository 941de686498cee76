import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { InvitationLink } from './InvitationLink.tsx';
import { useInvite } from './people.queries.ts';
import { shownPerson } from './person-state.ts';
import { RightsFields, type Rights } from './RightsFields.tsx';

type Draft = Rights & { readonly name: string; readonly displayName: string };

const empty: Draft = { name: '', displayName: '', role: 'viewer', mustHaveSecondFactor: true, siteIds: [] };
const formId = 'invite-form';

/** Who comes, what they may do; ends with the link to send. */
export function InviteSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const invite = useInvite();
  const [draft, setDraft] = useState(empty);
  const [isMissing, setIsMissing] = useState(false);
  const edit = (change: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    setIsMissing(false);
    if (invite.isError) invite.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (invite.isPending) return;
    if (draft.name.trim() === '') return setIsMissing(true);
    invite.mutate({ ...draft, siteIds: [...draft.siteIds] });
  };
  const errors = invite.isError ? fieldErrors(invite.error) : {};
  const problem = invite.isError ? toApiError(invite.error) : undefined;
  const isNameTaken = problem?.reason === 'user_name_taken';
  const isOther = problem !== undefined && problem.fields.length === 0 && !isNameTaken;
  const nameError = isMissing
    ? fieldText(t, 'required')
    : (errors['name'] ?? (isNameTaken ? fieldText(t, 'user_name_taken') : undefined));

  if (invite.data !== undefined) {
    const { person, invitation } = invite.data;
    const again = (): void => {
      invite.reset();
      setDraft({ ...empty, role: draft.role, mustHaveSecondFactor: draft.mustHaveSecondFactor });
    };
    return (
      <SideSheet
        title={t('people.invite.doneTitle')}
        onClose={onClose}
        footer={
          <>
            <Button onClick={onClose}>{t('common.actions.close')}</Button>
            <Button variant="default" onClick={again}>
              {t('people.invite.again')}
            </Button>
          </>
        }
      >
        <Stack gap="lg">
          <Notice tone="good" role="status">
            {t('people.invite.doneText', { name: shownPerson(person) })}
          </Notice>
          <InvitationLink invitation={invitation} />
        </Stack>
      </SideSheet>
    );
  }
  return (
    <SideSheet
      title={t('people.invite.title')}
      onClose={invite.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={invite.isPending}>
            {t('people.invite.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={invite.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('people.invite.failed')}>
              {errorText(invite.error)}
            </Notice>
          )}
          <TextInput
            label={t('people.invite.name')}
            description={t('people.invite.nameHint')}
            value={draft.name}
            onChange={(event) => edit({ name: event.currentTarget.value })}
            error={nameError}
            dir="ltr"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            maxLength={64}
            data-autofocus
          />
          <TextInput
            label={t('people.invite.displayName')}
            description={t('people.invite.displayNameHint')}
            value={draft.displayName}
            onChange={(event) => edit({ displayName: event.currentTarget.value })}
            error={errors['displayName']}
            dir="auto"
            autoComplete="off"
            maxLength={80}
          />
          <RightsFields value={draft} onChange={edit} errors={errors} />
        </Stack>
      </form>
    </SideSheet>
  );
}
