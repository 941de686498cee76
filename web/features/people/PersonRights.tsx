import { Button, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useUpdatePerson, type PersonChange } from './people.queries.ts';
import classes from './PersonSheet.module.css';
import { shownPerson } from './person-state.ts';
import { RightsFields, type Rights } from './RightsFields.tsx';

type Draft = Rights & { readonly displayName: string };

function draftOf({ displayName, role, mustHaveSecondFactor, siteIds }: PersonRow): Draft {
  return { displayName, role, mustHaveSecondFactor, siteIds };
}

/** Only what was changed: what somebody else changed meanwhile stays. */
function changeOf(before: Draft, now: Draft): PersonChange {
  return {
    ...(now.displayName === before.displayName ? {} : { displayName: now.displayName }),
    ...(now.role === before.role ? {} : { role: now.role }),
    ...(now.mustHaveSecondFactor === before.mustHaveSecondFactor
      ? {}
      : { mustHaveSecondFactor: now.mustHaveSecondFactor }),
    ...(now.siteIds.toString() === before.siteIds.toString() ? {} : { siteIds: [...now.siteIds] }),
  };
}

type PersonRightsProps = { readonly person: PersonRow; readonly canChange: boolean; readonly isSelf: boolean };

/** Name, role, sites and the wish for a second factor; saved together. */
export function PersonRights({ person, canChange, isSelf }: PersonRightsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const update = useUpdatePerson(person.id);
  const saved = draftOf(person);
  const [edits, setEdits] = useState<Partial<Draft>>({});
  const draft = { ...saved, ...edits };
  const change = changeOf(saved, draft);
  const isChanged = Object.keys(change).length > 0;
  const edit = (part: Partial<Draft>): void => {
    setEdits((before) => ({ ...before, ...part }));
    if (update.isError) update.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!canChange || !isChanged || update.isPending) return;
    update.mutate(change, {
      onSuccess: (now) => {
        setEdits({});
        sayDone(t('people.detail.saved', { name: shownPerson(now) }));
      },
    });
  };
  const errors = update.isError ? fieldErrors(update.error) : {};
  const isOther = update.isError && toApiError(update.error).fields.length === 0;
  return (
    <section>
      <h3 className={classes.heading}>{t('people.detail.rights')}</h3>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('people.detail.failed')}>
              {errorText(update.error)}
            </Notice>
          )}
          <TextInput
            label={t('people.invite.displayName')}
            value={draft.displayName}
            onChange={(event) => edit({ displayName: event.currentTarget.value })}
            error={errors['displayName']}
            disabled={!canChange}
            dir="auto"
            maxLength={80}
          />
          <RightsFields value={draft} onChange={edit} errors={errors} isDisabled={!canChange} isRoleFixed={isSelf} />
        </Stack>
        {isChanged && (
          <div className={classes.buttons}>
            <Button type="submit" loading={update.isPending}>
              {t('people.detail.save')}
            </Button>
            <Button variant="default" onClick={() => setEdits({})} disabled={update.isPending}>
              {t('common.actions.discard')}
            </Button>
          </div>
        )}
      </form>
    </section>
  );
}
