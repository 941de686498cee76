import { Button, Checkbox, Group, List, Skeleton, Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { ArchiveUpload } from '#shared/archives.ts';
import { finish } from '../../api/finish.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat, type Format } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Token } from '../../ui/Token.tsx';
import { PhpVersionSelect } from '../php/PhpVersionSelect.tsx';
import { domainsOf, readDomainLines } from '../sites/domain-lines.ts';
import { DomainsInput } from '../sites/DomainsInput.tsx';
import {
  previewQuery,
  useDiscardFile,
  useImportFile,
  type SiteFileChoices,
  type SiteFilePreview,
} from './site-files.queries.ts';
import { areGoodNames, DatabaseChoices, type ChosenDatabases } from './DatabaseChoices.tsx';
import classes from './SiteFiles.module.css';
import { UnlockForm } from './UnlockForm.tsx';

type Loose = (key: string, params?: Readonly<Record<string, string | number>>) => string;

/** Keys with a low line are contexts to the types of translations. */
function noteText(t: TFunction, format: Format, { code, params }: SiteFilePreview['notes'][number]): string {
  const until = typeof params['until'] === 'string' ? { until: format.date(params['until']) } : {};
  return (t as unknown as Loose)(`siteFiles.notes.${code}`, { ...params, ...until });
}

/** The dry run of one file, what can be chosen, and the button that makes the site. */
export function ImportForm({ upload, onDone }: { readonly upload: ArchiveUpload; readonly onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const can = useCan();
  const [typed, setTyped] = useState('');
  const [name, setName] = useState('');
  const [phpVersion, setPhpVersion] = useState('');
  const [withDirectives, setWithDirectives] = useState(false);
  const [databases, setDatabases] = useState<ChosenDatabases>({});
  const [withSecrets, setWithSecrets] = useState(false);
  const [withCertificate, setWithCertificate] = useState(true);
  const [settled] = useDebouncedValue(typed, 400);
  const [settledDatabases] = useDebouncedValue(databases, 400);
  const wanted = settled.trim() === '' ? undefined : domainsOf(readDomainLines(settled));
  const choices: SiteFileChoices = {
    ...(wanted === undefined ? {} : { domains: wanted }),
    ...(name.trim() === '' ? {} : { name: name.trim() }),
    ...(phpVersion === '' ? {} : { phpVersion }),
    withDirectives,
    withSecrets,
    withCertificate,
    databases: areGoodNames(settledDatabases)
      ? Object.entries(settledDatabases).map(([index, each]) => ({ index: Number(index), ...each }))
      : [],
  };
  // The name changes nothing of what stands in the way.
  const { name: _, ...looked } = choices;
  const preview = useQuery(previewQuery(upload.id, looked));
  const bring = useImportFile(upload.id);
  const discard = useDiscardFile();
  const { data } = preview;
  const isTypedGood = typed.trim() === '' || domainsOf(readDomainLines(typed)) !== undefined;
  const isBlocked = data?.notes.some(({ blocks }) => blocks) === true;
  const areDatabasesGood = areGoodNames(databases) && databases === settledDatabases;
  const isReady =
    areDatabasesGood && data !== undefined && preview.error === null && !isBlocked && isTypedGood && typed === settled;
  const said = bring.isError ? fieldErrors(bring.error) : {};
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isReady || bring.isPending || bring.isSuccess) return;
    finish(bring, choices, { onSuccess: (job) => openJobs(job.id) });
  };
  const isLocked = preview.error !== null && toApiError(preview.error).reason === 'site_file_locked';
  const throwAway = (): void => finish(discard, upload.id, { onSuccess: onDone });

  return (
    <Section
      title={t('siteFiles.import.dryRun')}
      description={<bdi dir="ltr">{upload.fileName}</bdi>}
      actions={
        <Button variant="default" size="xs" loading={discard.isPending} onClick={bring.isSuccess ? onDone : throwAway}>
          {t(bring.isSuccess ? 'siteFiles.import.another' : 'siteFiles.import.discard')}
        </Button>
      }
    >
      {isLocked ? (
        <UnlockForm uploadId={upload.id} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="lg">
            {data === undefined && preview.error === null && (
              <Skeleton height={200} radius="md" role="status" aria-label={t('common.states.loading')} />
            )}
            {preview.error !== null && (
              <Notice tone="bad" role="alert" title={t('siteFiles.import.refused')}>
                {errorText(preview.error)}
              </Notice>
            )}
            {data !== undefined && (
              <>
                <Notice
                  tone={data.origin === 'own' ? 'good' : 'warn'}
                  role="status"
                  title={t(`siteFiles.origin.${data.origin}`)}
                >
                  {t(`siteFiles.originText.${data.origin}`)}
                </Notice>
                <Facts preview={data} />
                {data.notes.length > 0 && (
                  <Notice
                    tone={isBlocked ? 'bad' : 'warn'}
                    role={isBlocked ? 'alert' : 'status'}
                    title={t(isBlocked ? 'siteFiles.import.blocked' : 'siteFiles.import.differs')}
                  >
                    <List size="sm" spacing={6}>
                      {data.notes.map((note, at) => (
                        <List.Item key={`${note.code} ${at}`}>{noteText(t, format, note)}</List.Item>
                      ))}
                    </List>
                  </Notice>
                )}
              </>
            )}
            <DomainsInput
              value={typed}
              onChange={setTyped}
              label={t('siteFiles.import.domains')}
              description={t('siteFiles.import.domainsHint')}
              placeholder={data?.oldDomains.join('\n') ?? ''}
              said={said}
              isOptional
            />
            <TextInput
              label={t('siteFiles.import.name')}
              description={t('siteFiles.import.nameHint')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={100}
              dir="auto"
              autoComplete="off"
            />
            {data?.php != null && (phpVersion !== '' || !data.php.isInstalled) && (
              <PhpVersionSelect value={phpVersion} onChange={setPhpVersion} error={undefined} />
            )}
            {data?.hasDirectives === true && (
              <Checkbox
                label={t('siteFiles.import.directives')}
                description={t('siteFiles.import.directivesHint')}
                checked={withDirectives}
                disabled={!can('sites.custom_directives')}
                onChange={(event) => setWithDirectives(event.currentTarget.checked)}
              />
            )}
            {data !== undefined && data.secrets > 0 && (
              <Checkbox
                label={t('siteFiles.sealed.bring')}
                description={t('siteFiles.sealed.bringHint')}
                checked={withSecrets}
                onChange={(event) => setWithSecrets(event.currentTarget.checked)}
              />
            )}
            {data?.certificate != null && (
              <Checkbox
                label={t('siteFiles.certificate.bring')}
                description={t('siteFiles.certificate.bringHint')}
                checked={withCertificate && data.certificate.isUsable}
                disabled={!data.certificate.isUsable}
                onChange={(event) => setWithCertificate(event.currentTarget.checked)}
              />
            )}
            {data !== undefined && data.databases.length > 0 && (
              <DatabaseChoices
                inFile={data.databases}
                chosen={databases}
                mayManage={can('databases.manage')}
                said={said}
                onChange={(chosen) => {
                  setDatabases(chosen);
                  if (bring.isError) bring.reset();
                }}
              />
            )}
            {data !== undefined && (
              <Notice tone="info" title={t('siteFiles.staysTitle')}>
                <List size="sm" spacing={6}>
                  {data.stays.map((stay) => (
                    <List.Item key={stay}>{t(`siteFiles.stays.${stay}`)}</List.Item>
                  ))}
                </List>
              </Notice>
            )}
            {bring.isError && (
              <Notice tone="bad" role="alert" title={t('siteFiles.import.failed')}>
                {errorText(bring.error)}
              </Notice>
            )}
            <Group>
              <Button type="submit" loading={bring.isPending} disabled={!isReady || bring.isSuccess}>
                {t(bring.isSuccess ? 'siteFiles.import.started' : 'siteFiles.import.action')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Section>
  );
}

function Facts({ preview }: { readonly preview: SiteFilePreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { createdAt, kind, domains, root, php, files, bytes, certificate } = preview;
  return (
    <dl className={classes.facts}>
      <dt>{t('siteFiles.facts.made')}</dt>
      <dd>{format.dateTime(createdAt)}</dd>
      <dt>{t('siteFiles.facts.kind')}</dt>
      <dd>{php === null ? t(`sites.kinds.${kind}`) : <Token>{`PHP ${php.version}`}</Token>}</dd>
      <dt>{t('siteFiles.facts.domains')}</dt>
      <dd>
        {domains.map((domain) => (
          <div key={domain}>
            <Token>{domain}</Token>
          </div>
        ))}
      </dd>
      <dt>{t('siteFiles.facts.root')}</dt>
      <dd>
        <Token mono>{root}</Token>
      </dd>
      {certificate !== null && (
        <>
          <dt>{t('siteFiles.facts.certificate')}</dt>
          <dd>
            {certificate.validUntil === null
              ? t('siteFiles.certificate.unreadable')
              : t('siteFiles.certificate.text', {
                  names: certificate.names.join(', '),
                  until: format.date(certificate.validUntil),
                  issuer: certificate.issuer,
                })}
          </dd>
        </>
      )}
      <dt>{t('siteFiles.facts.content')}</dt>
      <dd>{t('siteFiles.facts.contentText', { files: format.number(files), size: format.bytes(bytes) })}</dd>
    </dl>
  );
}
