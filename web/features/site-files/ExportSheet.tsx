import { ActionIcon, Button, Checkbox, List, Progress, Skeleton, Stack, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconFileExport, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mostSiteFileDatabases, shortestPassphrase, siteFilesApi, type SiteFileStay } from '#shared/site-files.ts';
import { urlOf } from '../../api/client.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { PasswordField } from '../../ui/PasswordField.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { siteTlsQuery } from '../certificates/certificates.queries.ts';
import { siteDatabasesQuery } from '../databases/databases.queries.ts';
import { engineTitles } from '../databases/engines.ts';
import classes from './SiteFiles.module.css';
import { exportsQuery, useDropExport, useExportSite, type SiteExport } from './site-files.queries.ts';

const stays: readonly SiteFileStay[] = ['databases', 'certificate', 'passwords', 'secrets', 'keys', 'logs'];

/** Making one file of a site, and the files that wait for their download. */
export function ExportSheet({
  siteId,
  name,
  isApp,
  hasHttps,
  onClose,
}: {
  siteId: string;
  name: string;
  isApp: boolean;
  hasHttps: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(exportsQuery(siteId));
  const start = useExportSite(siteId);
  const can = useCan();
  const mayDump = can('databases.manage') && can('databases.read');
  const linked = useQuery({ ...siteDatabasesQuery(siteId), enabled: mayDump });
  const databases = (linked.data?.items ?? []).flatMap(({ id, ...each }) => (id === null ? [] : { id, ...each }));
  const [chosen, setChosen] = useState<string[]>([]);
  const [passphrase, setPassphrase] = useState('');
  const [withSecrets, setWithSecrets] = useState(false);
  // Along unless somebody says otherwise: without it the new site begins without HTTPS.
  const [withCertificate, setWithCertificate] = useState(true);
  const isShort = passphrase !== '' && passphrase.length < shortestPassphrase;
  const isSealed = passphrase !== '' && !isShort;
  const hasSecrets = withSecrets && isSealed;
  const { siteScope } = useMe();
  const mayTakeKeys = can('certificates.write') && siteScope === 'all';
  const mayTakeCertificate = hasHttps && mayTakeKeys;
  const https = useQuery({ ...siteTlsQuery(siteId), enabled: mayTakeCertificate });
  const certificate = https.data?.certificate ?? null;
  const isValid = certificate?.revoked === null && new Date(certificate.validUntil).getTime() > https.dataUpdatedAt;
  const isOver = certificate !== null && !isValid;
  const hasCertificate = mayTakeCertificate && isSealed && isValid && withCertificate;
  const isRunning = data?.items.some(({ state }) => state === 'running') === true;
  return (
    <SideSheet
      title={t('siteFiles.export.title', { name })}
      onClose={onClose}
      footer={
        <>
          <Button
            onClick={() =>
              start.mutate({
                databaseIds: chosen,
                passphrase: isSealed ? passphrase : null,
                withSecrets: hasSecrets,
                withCertificate: hasCertificate,
              })
            }
            loading={start.isPending}
            disabled={data === undefined || isRunning || isShort}
            leftSection={<IconFileExport size={17} aria-hidden />}
          >
            {t('siteFiles.export.action')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.close')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <Text size="sm" c="dimmed">
          {t('siteFiles.export.text')}
        </Text>
        {databases.length > 0 && (
          <Checkbox.Group
            label={t('siteFiles.databases.title')}
            description={t('siteFiles.databases.exportHint')}
            value={chosen}
            onChange={setChosen}
          >
            <Stack gap="sm" mt="sm">
              {databases.map(({ id, name: database, engine, sizeBytes, state }) => (
                <Checkbox
                  key={id}
                  value={id}
                  label={<bdi dir="ltr">{database}</bdi>}
                  description={`\u2068${engineTitles[engine]}\u2069 · \u2068${format.bytes(sizeBytes ?? 0)}\u2069`}
                  disabled={state !== 'ready' || (chosen.length >= mostSiteFileDatabases && !chosen.includes(id))}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <PasswordField
          label={t('siteFiles.sealed.label')}
          description={t('siteFiles.sealed.makeHint')}
          value={passphrase}
          onChange={(event) => setPassphrase(event.currentTarget.value)}
          error={isShort ? t('siteFiles.sealed.short', { least: format.number(shortestPassphrase) }) : undefined}
          maxLength={200}
          autoComplete="new-password"
          dir="ltr"
        />
        {isApp && (
          <Checkbox
            label={t('siteFiles.sealed.secrets')}
            description={t(isSealed ? 'siteFiles.sealed.secretsHint' : 'siteFiles.sealed.secretsNeed')}
            checked={hasSecrets}
            disabled={!isSealed}
            onChange={(event) => setWithSecrets(event.currentTarget.checked)}
          />
        )}
        {mayTakeCertificate && (
          <Checkbox
            label={t('siteFiles.certificate.take')}
            description={t(
              isOver
                ? 'siteFiles.certificate.takeOver'
                : isSealed
                  ? 'siteFiles.certificate.takeHint'
                  : 'siteFiles.certificate.takeNeed',
            )}
            checked={hasCertificate}
            disabled={!isSealed || !isValid}
            onChange={(event) => setWithCertificate(event.currentTarget.checked)}
          />
        )}
        {start.isError && (
          <Notice tone="bad" role="alert" title={t('siteFiles.export.failed')}>
            {errorText(start.error)}
          </Notice>
        )}
        {error !== null && <ErrorState error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && (
          <Skeleton height={72} radius="md" role="status" aria-label={t('common.states.loading')} />
        )}
        {data !== undefined && data.items.length > 0 && (
          <ul className={classes.list} aria-label={t('siteFiles.export.files')}>
            {data.items.map((item) => (
              <ExportRow key={item.id} siteId={siteId} item={item} />
            ))}
          </ul>
        )}
        <Notice tone="info" title={t('siteFiles.staysTitle')}>
          <List size="sm" spacing={6}>
            {stays
              .filter((stay) => (stay !== 'databases' || chosen.length === 0) && (stay !== 'secrets' || !hasSecrets))
              .filter((stay) => stay !== 'certificate' || !hasCertificate)
              .map((stay) => (
                <List.Item key={stay}>{t(`siteFiles.stays.${stay}`)}</List.Item>
              ))}
          </List>
        </Notice>
      </Stack>
    </SideSheet>
  );
}

function ExportRow({ siteId, item }: { readonly siteId: string; readonly item: SiteExport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const drop = useDropExport(siteId);
  const { id, state, fileName, progress, sizeBytes, files, keptUntil } = item;
  return (
    <li className={classes.item}>
      <div className={classes.name}>
        <bdi dir="ltr">{fileName}</bdi>
        <div className={classes.soft}>
          {state === 'running' && t('siteFiles.export.running')}
          {state === 'failed' && t('siteFiles.export.broken')}
          {state === 'cancelled' && t('siteFiles.export.cancelled')}
          {state === 'ready' &&
            t('siteFiles.export.ready', {
              size: format.bytes(sizeBytes ?? 0),
              files: format.number(files ?? 0),
              until: keptUntil === null ? '' : format.dateTime(keptUntil),
            })}
        </div>
        {state === 'running' && (
          <Progress value={progress ?? 0} mt={8} aria-label={t('siteFiles.export.progress', { name: fileName })} />
        )}
      </div>
      {state === 'ready' && (
        <Button
          component="a"
          size="xs"
          href={urlOf(siteFilesApi.download, { params: { siteId, exportId: id } })}
          download
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          {t('siteFiles.export.download')}
        </Button>
      )}
      <Tooltip label={t('siteFiles.export.drop')}>
        <ActionIcon
          size="lg"
          variant="subtle"
          color="gray"
          aria-label={t('siteFiles.export.dropLabel', { name: fileName })}
          loading={drop.isPending}
          onClick={() => drop.mutate(id)}
        >
          <IconTrash size={17} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
