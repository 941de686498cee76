import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { siteDatabasesQuery } from '../databases/databases.queries.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useSite } from './site-context.ts';
import { shownName } from './site-names.ts';
import { useRemoveSite } from './sites.queries.ts';
import classes from './SiteDelete.module.css';

type DeleteFormProps = {
  /** The fingerprint of the list that the person sees. */
  readonly confirm: string;
  readonly files: 'keep' | 'recycle';
  readonly onFiles: (files: 'keep' | 'recycle') => void;
  readonly isReading: boolean;
  /** The list is no longer what was shown. */
  readonly onChanged: () => void;
};

/** The second step: what becomes of the folder, and the name typed as a signature. */
export function DeleteForm({ confirm, files, onFiles, isReading, onChanged }: DeleteFormProps) {
  const { t } = useTranslation();
  const site = useSite();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const remove = useRemoveSite();
  const [typed, setTyped] = useState('');
  const name = shownName(site);
  const can = useCan();
  const mayRemove = can('databases.read') && can('databases.manage');
  const { data: listed } = useQuery({ ...siteDatabasesQuery(site.id), enabled: mayRemove });
  const hasDatabases = (listed?.items.length ?? 0) > 0;
  const [databases, setDatabases] = useState<'keep' | 'recycle'>('keep');
  const isSigned = typed.trim().normalize('NFC') === name.trim().normalize('NFC');
  const submit = (): void => {
    if (!isSigned || remove.isPending) return;
    finish(
      remove,
      {
        siteId: site.id,
        revision: site.revision,
        confirm,
        files,
        withDatabases: hasDatabases && databases === 'recycle',
      },
      {
        onSuccess: ({ isWhole }) => {
          sayDone(t('sites.delete.done', { name }));
          if (!isWhole) sayFailed(t('databases.deleteWithSite.some'), t('databases.deleteWithSite.someText'));
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
          <Radio.Group
            label={t('sites.delete.folder')}
            value={files}
            onChange={(value) => onFiles(value as 'keep' | 'recycle')}
          >
            <Stack gap="sm" mt="xs">
              {(['recycle', 'keep'] as const).map((choice) => (
                <Radio
                  key={choice}
                  value={choice}
                  label={t(`sites.delete.${choice}`)}
                  description={t(`sites.delete.${choice}Text`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {hasDatabases && (
            <Radio.Group
              label={t('databases.deleteWithSite.label')}
              description={listed?.items.map((each) => each.name).join(' · ')}
              value={databases}
              onChange={(value) => setDatabases(value as 'keep' | 'recycle')}
            >
              <Stack gap="sm" mt="xs">
                {(['keep', 'recycle'] as const).map((choice) => (
                  <Radio
                    key={choice}
                    value={choice}
                    label={t(`databases.deleteWithSite.${choice}`)}
                    description={t(`databases.deleteWithSite.${choice}Text`)}
                  />
                ))}
              </Stack>
            </Radio.Group>
          )}
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
            <span className={classes.hint}>{t('sites.delete.undoHint')}</span>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
