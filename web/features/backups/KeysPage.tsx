import { IconKey } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { backupsQuery } from './backups.queries.ts';
import { BackupsTabs } from './BackupsTabs.tsx';
import classes from './Keys.module.css';
import { RetireKey, RotateKey } from './KeyActions.tsx';
import { RecoveryDialog } from './RecoveryDialog.tsx';
import { RecoverySection } from './RecoverySection.tsx';

const tones: Readonly<Record<BackupState['keys'][number]['state'], Tone>> = {
  active: 'good',
  verify_only: 'idle',
  retired: 'warn',
};

/** What signs the backups, and what opens them when this server is gone. */
export function KeysPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.keys.title')}>
      <Keys />
    </NeedsPermission>
  );
}

function Keys() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(backupsQuery);
  return (
    <Page title={t('backups.keys.title')} description={t('backups.keys.lead')}>
      <BackupsTabs />
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <div className={classes.sections}>
          <RecoverySection recovery={data.recovery} />
          <Section
            title={t('backups.keys.signing')}
            description={t('backups.keys.signingText')}
            padding="flush"
            actions={<RotateKey isDisabled={data.keys.length === 0} />}
          >
            {data.keys.length === 0 ? (
              <EmptyState icon={IconKey} title={t('backups.keys.none')} />
            ) : (
              <KeysTable keys={data.keys} />
            )}
          </Section>
        </div>
      )}
      <RecoveryDialog />
    </Page>
  );
}

function KeysTable({ keys }: { readonly keys: BackupState['keys'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const newestFirst = [...keys].sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt));
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {(['key', 'state', 'created', 'signed'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`backups.keys.${column}`)}
            </th>
          ))}
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {newestFirst.map((key) => (
          <tr key={key.keyId}>
            <td className={classes.id}>
              <Token mono>{key.keyId}</Token>
            </td>
            <td>
              <Status tone={tones[key.state]}>{t(`backups.keys.states.${key.state}`)}</Status>
            </td>
            <td className={classes.soft}>{format.dateTime(key.createdAt)}</td>
            <td className="numbers">
              {t('backups.targets.sets', { count: key.setCount, value: format.number(key.setCount) })}
            </td>
            <td className={classes.end}>{key.state !== 'retired' && <RetireKey backupKey={key} />}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
