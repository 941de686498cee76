import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import type { Database } from '../databases/databases.queries.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { RemovalFields } from './RemovalFields.tsx';
import type { RemovalChoices } from './removal-choices.ts';
import { useSite } from './site-context.ts';
import { shownName } from './site-names.ts';
import { useRemoveSite, type RemovalPreview } from './sites.queries.ts';
import classes from './SiteDelete.module.css';

type DeleteFormProps = {
  /** What the person sees. */
  readonly preview: RemovalPreview;
  /** Those of the site that go with it when the person says so; empty when they may not remove any. */
  readonly databases: readonly Database[];
  readonly choices: RemovalChoices;
  readonly onChoices: (choices: RemovalChoices) => void;
  readonly isReading: boolean;
  /** The list is no longer what was shown. */
  readonly onChanged: () => void;
};

/** The second step: what becomes of each part, and the name typed as a signature. */
export function DeleteForm({ preview, databases, choices, onChoices, isReading, onChanged }: DeleteFormProps) {
  const { t } = useTranslation();
  const site = useSite();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const remove = useRemoveSite();
  const [typed, setTyped] = useState('');
  const name = shownName(site);
  const isSigned = typed.trim().normalize('NFC') === name.trim().normalize('NFC');
  const submit = (): void => {
    if (!isSigned || remove.isPending) return;
    finish(
      remove,
      {
        siteId: site.id,
        revision: site.revision,
        confirm: preview.confirm,
        files: choices.files,
        logs: choices.logs,
        account: choices.account,
        ...(choices.hasCertificate && preview.certificate !== null ? { certificateId: preview.certificate.id } : {}),
        cronJobIds: choices.hasCronJobs ? preview.cronJobs.map(({ id }) => id) : [],
        withDatabases: databases.length > 0 && choices.databases === 'recycle',
      },
      {
        onSuccess: ({ isWhole, left }) => {
          sayDone(t('sites.delete.done', { name }));
          if (!isWhole) sayFailed(t('databases.deleteWithSite.some'), t('databases.deleteWithSite.someText'));
          if (left.length > 0)
            sayFailed(t('sites.delete.left'), left.map((each) => t(`sites.delete.leftOf.${each}`)).join(' · '));
          void navigate({ to: '/sites' });
        },
        onError: (error) => {
          if (toApiError(error).code === 'changed_meanwhile') onChanged();
        },
      },
    );
  };
  return (
    <Section title={t('sites.delete.decideTitle')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Stack gap="lg">
          <RemovalFields preview={preview} databases={databases} choices={choices} onChange={onChoices} />
          <TextInput
            className={classes.sign}
            label={
              <>
                {t('sites.delete.sign')} <bdi className={classes.name}>{name}</bdi>
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            dir="auto"
            autoComplete="off"
            spellCheck={false}
          />
          {remove.error !== null && toApiError(remove.error).code !== 'changed_meanwhile' && (
            <Notice tone="bad" role="alert" title={t('sites.delete.failed')}>
              {errorText(remove.error)}
            </Notice>
          )}
          <Group gap="md">
            <Button type="submit" color="red" disabled={!isSigned || isReading} loading={remove.isPending}>
              {t('sites.delete.action')}
            </Button>
            <span className={classes.hint}>
              {t(choices.files === 'remove' ? 'sites.delete.undoHintFinal' : 'sites.delete.undoHint')}
            </span>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
