import { Button, Progress, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RemovalFate } from '#shared/sites.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { useFormat } from '../../../ui/format.ts';
import { Notice } from '../../../ui/Notice.tsx';
import { SideSheet } from '../../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../../ui/States.tsx';
import { Status } from '../../../ui/Status.tsx';
import { IconTrash } from '@tabler/icons-react';
import classes from './Batch.module.css';
import { mostDeleted, removalsQuery, useRemoveSites, type Doomed, type RemovalResult } from './removals.ts';

type RemovalSheetProps = {
  readonly siteIds: readonly string[];
  /** `left`: those of them that are still there. */
  readonly onClose: (left: readonly string[]) => void;
};

const formId = 'delete-sites';
const fates: readonly RemovalFate[] = ['recycle', 'keep', 'remove'];

const refusedFirst = (one: RemovalResult, other: RemovalResult): number =>
  Number(one.error === null) - Number(other.error === null);

/** What goes with many sites, one confirmation for all of it, and then what became of each. */
export function RemovalSheet({ siteIds, onClose }: RemovalSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [files, setFiles] = useState<RemovalFate>('recycle');
  const [logs, setLogs] = useState<RemovalFate>('recycle');
  const [typed, setTyped] = useState('');
  const isTooMany = siteIds.length > mostDeleted;
  const { data: doomed, error, refetch } = useQuery({ ...removalsQuery(siteIds), enabled: !isTooMany });
  const { results, state, run, stop } = useRemoveSites();
  const count = doomed?.length ?? siteIds.length;
  const value = format.number(count);
  const title = t('batches.delete.title', { count, value });
  const isSigned = Number(typed.trim()) === count && typed.trim() !== '';
  const gone = new Set(results.filter((each) => each.error === null).map((each) => each.doomed.siteId));
  const close = (): void => onClose(siteIds.filter((siteId) => !gone.has(siteId)));

  if (state !== 'waiting')
    return (
      <SideSheet
        title={title}
        size={520}
        onClose={state === 'over' ? close : () => undefined}
        footer={
          state === 'over' ? (
            <Button onClick={close}>{t('batches.close')}</Button>
          ) : (
            <Button variant="default" onClick={stop}>
              {t('batches.delete.stop')}
            </Button>
          )
        }
      >
        <Stack gap="md">
          <Text size="sm" fw={550} role="status" className="numbers">
            {state === 'running'
              ? t('batches.progress', { done: format.number(results.length), total: value })
              : [
                  `${t('batches.delete.deleted')}: ${format.number(gone.size)}`,
                  `${t('batches.delete.refused')}: ${format.number(results.length - gone.size)}`,
                ].join(' · ')}
          </Text>
          {state === 'running' && <Progress color="red" value={(100 * results.length) / count} aria-label={title} />}
          {state === 'over' && results.length < count && (
            <Text size="sm" c="dimmed">
              {t('batches.stopped')}
            </Text>
          )}
          <ul className={classes.results}>
            {results.toSorted(refusedFirst).map((each) => (
              <li key={each.doomed.siteId} className={classes.result}>
                <bdi className={classes.name}>{each.doomed.name}</bdi>
                <Status tone={each.error === null ? 'good' : 'bad'}>
                  {t(each.error === null ? 'batches.delete.deleted' : 'batches.delete.refused')}
                </Status>
                {each.error !== null && <p className={classes.why}>{errorText(each.error)}</p>}
              </li>
            ))}
          </ul>
        </Stack>
      </SideSheet>
    );

  const canBegin = doomed !== undefined && count > 0 && isSigned;
  return (
    <SideSheet
      title={title}
      size={520}
      onClose={() => onClose(siteIds)}
      footer={
        <>
          <Button type="submit" form={formId} color="red" disabled={!canBegin}>
            {t('batches.delete.confirm', { count, value })}
          </Button>
          <Button variant="default" onClick={() => onClose(siteIds)}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      {isTooMany ? (
        <Notice tone="warn" role="alert" title={t('batches.delete.tooMany', { most: format.number(mostDeleted) })} />
      ) : error !== null && doomed === undefined ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : doomed === undefined ? (
        <LoadingRows rows={4} />
      ) : count === 0 ? (
        <EmptyState icon={IconTrash} title={t('batches.delete.none')} />
      ) : (
        <form
          id={formId}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (canBegin) void run(doomed, { files, logs });
          }}
        >
          <Stack gap="lg">
            <Text size="sm">{t('batches.delete.text')}</Text>
            <DoomedList doomed={doomed} />
            <FateField label={t('batches.delete.files')} value={files} onChange={setFiles} />
            <FateField label={t('batches.delete.logs')} value={logs} onChange={setLogs} />
            {files === 'remove' && <Notice tone="warn" title={t('batches.delete.forGood')} />}
            <TextInput
              label={t('batches.delete.sign', { value })}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              inputMode="numeric"
              autoComplete="off"
              maw={260}
              dir="ltr"
            />
            <Text size="sm" c="dimmed">
              {t('batches.delete.stays')}
            </Text>
          </Stack>
        </form>
      )}
    </SideSheet>
  );
}

/** Each site with what lies in its folder and its logs, and how long ago something changed in it. */
function DoomedList({ doomed }: { readonly doomed: readonly Doomed[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className={`${classes.results} ${classes.doomed}`} aria-label={t('batches.delete.list')} tabIndex={0}>
      {doomed.map(({ siteId, name, preview }) => {
        const folder = preview.items.find(({ kind }) => kind === 'files');
        const logs = preview.items.filter(({ kind }) => kind === 'logs');
        const size = (bytes: number, isTruncated: boolean): string =>
          `${isTruncated ? '≥ ' : ''}${format.bytes(bytes)}`;
        const fileCount = folder?.fileCount ?? 0;
        return (
          <li key={siteId} className={classes.result}>
            <bdi className={classes.name}>{name}</bdi>
            <span className="numbers">{size(folder?.sizeBytes ?? 0, folder?.isTruncated ?? false)}</span>
            <p className={classes.why}>
              {[
                t('sites.delete.files', { count: fileCount, value: format.number(fileCount) }),
                ...(folder?.newestAt == null ? [] : [t('sites.delete.newest', { ago: format.ago(folder.newestAt) })]),
                t('batches.delete.logSize', {
                  size: size(
                    logs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
                    logs.some(({ isTruncated }) => isTruncated),
                  ),
                }),
              ].join(' · ')}
            </p>
          </li>
        );
      })}
    </ul>
  );
}

type FateFieldProps = {
  readonly label: string;
  readonly value: RemovalFate;
  readonly onChange: (fate: RemovalFate) => void;
};

function FateField({ label, value, onChange }: FateFieldProps) {
  const { t } = useTranslation();
  return (
    <Radio.Group label={label} value={value} onChange={(chosen) => onChange(chosen as RemovalFate)}>
      <Stack gap="xs" mt="xs">
        {fates.map((fate) => (
          <Radio key={fate} value={fate} label={t(`sites.delete.${fate}`)} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
