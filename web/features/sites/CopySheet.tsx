import { Button, Checkbox, List, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { staysOf } from '#shared/site-copies.ts';
import type { Site } from '#shared/sites.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { domainsOf, readDomainLines } from './domain-lines.ts';
import { DomainsInput } from './DomainsInput.tsx';
import { shownName } from './site-names.ts';
import { siteQuery, useCopySite } from './sites.queries.ts';

const formId = 'copy-site';

/** Copying a site: its new names, what goes along on request, and what stays. */
export function CopySheet({ siteId, name, onClose }: { siteId: string; name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { data: site, error, refetch } = useQuery(siteQuery(siteId));
  if (site !== undefined) return <LoadedSheet site={site} onClose={onClose} />;
  return (
    <SideSheet title={t('copies.title', { name })} onClose={onClose}>
      {error === null ? (
        <Skeleton height={260} radius="md" role="status" aria-label={t('common.states.loading')} />
      ) : (
        <ErrorState error={error} onRetry={() => void refetch()} />
      )}
    </SideSheet>
  );
}

function LoadedSheet({ site, onClose }: { readonly site: Site; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const mayDirect = useCan()('sites.custom_directives');
  const copy = useCopySite();
  const [typed, setTyped] = useState('');
  const [newName, setNewName] = useState('');
  const [withSecrets, setWithSecrets] = useState(false);
  const [withDirectives, setWithDirectives] = useState(false);
  const hasSecrets = site.app?.environment.some((each) => 'secretId' in each) === true;
  const hasDirectives = site.customDirectives.trim() !== '';
  const domains = domainsOf(readDomainLines(typed));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (domains === undefined || copy.isPending) return;
    const body = { domains, name: newName.trim(), withSecrets, withDirectives };
    finish(
      copy,
      { siteId: site.id, body },
      {
        onSuccess: (job) => {
          onClose();
          openJobs(job.id);
        },
      },
    );
  };
  const said = copy.isError ? fieldErrors(copy.error) : {};
  const isOther = copy.isError && toApiError(copy.error).fields.length === 0;
  return (
    <SideSheet
      title={t('copies.title', { name: shownName(site) })}
      onClose={copy.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={copy.isPending} disabled={domains === undefined}>
            {t('copies.action')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={copy.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id={formId} onSubmit={submit} noValidate>
        <Stack gap="lg">
          {isOther && (
            <Notice tone="bad" role="alert" title={t('copies.failed')}>
              {errorText(copy.error)}
            </Notice>
          )}
          <Text size="sm" c="dimmed">
            {t('copies.text')}
          </Text>
          <DomainsInput
            value={typed}
            onChange={setTyped}
            label={t('copies.domains')}
            description={t('copies.domainsHint')}
            placeholder="staging.example.com"
            said={said}
            isAutofocused
          />
          <TextInput
            label={t('copies.name')}
            description={t('copies.nameHint')}
            value={newName}
            onChange={(event) => setNewName(event.currentTarget.value)}
            error={said['name']}
            maxLength={100}
            dir="auto"
            autoComplete="off"
          />
          {(hasSecrets || hasDirectives) && (
            <Checkbox.Group label={t('copies.choices')}>
              <Stack gap="sm" mt="xs">
                {hasSecrets && (
                  <Checkbox
                    label={t('copies.secrets')}
                    description={t('copies.secretsHint')}
                    checked={withSecrets}
                    onChange={(event) => setWithSecrets(event.currentTarget.checked)}
                  />
                )}
                {hasDirectives && (
                  <Checkbox
                    label={t('copies.directives')}
                    description={t(mayDirect ? 'copies.directivesHint' : 'copies.directivesNotAllowed')}
                    checked={withDirectives}
                    disabled={!mayDirect}
                    onChange={(event) => setWithDirectives(event.currentTarget.checked)}
                  />
                )}
              </Stack>
            </Checkbox.Group>
          )}
          <Notice tone="info" title={t('copies.staysTitle')}>
            <List size="sm" spacing={6}>
              {staysOf(site, { withSecrets, withDirectives }).map((stay) => (
                <List.Item key={stay}>{t(`copies.stays.${stay}`)}</List.Item>
              ))}
            </List>
          </Notice>
        </Stack>
      </form>
    </SideSheet>
  );
}
