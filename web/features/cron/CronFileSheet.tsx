import { Button, FileButton, NativeSelect, Switch } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CronImported } from '#shared/cron-transfer.ts';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { errorOf, jobsOfFile } from './cron-file.ts';
import { importCronFile, useImportCronFile, type CronFileChoices } from './cron.queries.ts';
import classes from './Cron.module.css';

const tones = { new: 'good', replaced: 'warn', present: 'idle', refused: 'bad' } as const;

/** Jobs of a file: first what would become of each, then what became of it. */
export function CronFileSheet({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const [file, setFile] = useState<{ readonly key: number; readonly jobs: readonly unknown[] } | null>(null);
  const [isUnreadable, setIsUnreadable] = useState(false);
  const [choices, setChoices] = useState<CronFileChoices>({ onPresent: 'skip', startsOff: true });
  const trial = useQuery({
    queryKey: ['cron', 'file', file?.key, choices],
    queryFn: () => importCronFile(file?.jobs ?? [], choices, true),
    enabled: file !== null,
    retry: false,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const keep = useImportCronFile();
  const read = async (given: File | null): Promise<void> => {
    if (given === null) return;
    const jobs = given.size > 64 * 1024 * 1024 ? undefined : jobsOfFile(await given.text());
    setIsUnreadable(jobs === undefined);
    keep.reset();
    setFile(jobs === undefined ? null : { key: Date.now(), jobs });
  };
  const shown = keep.data ?? trial.data;
  const count = (trial.data ?? []).filter(({ state }) => state === 'new' || state === 'replaced').length;
  const submit = (): void =>
    finish(
      keep,
      { jobs: file?.jobs ?? [], choices },
      {
        onSuccess: (items) => {
          const kept = items.filter(({ state }) => state === 'new' || state === 'replaced').length;
          sayDone(t('cron.file.imported', { count: kept, value: format.number(kept) }));
          if (items.every(({ state }) => state !== 'refused')) onClose();
        },
      },
    );
  return (
    <SideSheet
      title={t('cron.file.title')}
      onClose={keep.isPending ? () => undefined : onClose}
      size={680}
      footer={
        <>
          <Button onClick={submit} loading={keep.isPending} disabled={count === 0 || keep.data !== undefined}>
            {t('cron.file.confirm', { count, value: format.number(count) })}
          </Button>
          <Button variant="default" onClick={onClose} disabled={keep.isPending}>
            {t(keep.data === undefined ? 'common.actions.cancel' : 'common.actions.close')}
          </Button>
        </>
      }
    >
      <div className={classes.form}>
        {isUnreadable && (
          <Notice tone="bad" role="alert">
            {t('cron.file.unreadable')}
          </Notice>
        )}
        {keep.isError && (
          <Notice tone="bad" role="alert" title={t('cron.file.failed')}>
            {errorText(keep.error)}
          </Notice>
        )}
        {file === null ? (
          <EmptyState
            icon={IconFileUpload}
            title={t('cron.file.choose')}
            text={t('cron.file.chooseHint')}
            action={
              <FileButton accept="application/json,.json" onChange={(given) => void read(given)}>
                {(props) => <Button {...props}>{t('cron.file.choose')}</Button>}
              </FileButton>
            }
          />
        ) : (
          <>
            <div className={classes.pair}>
              <NativeSelect
                label={t('cron.file.onPresent')}
                value={choices.onPresent}
                disabled={keep.data !== undefined}
                onChange={(event) =>
                  setChoices({ ...choices, onPresent: event.currentTarget.value === 'replace' ? 'replace' : 'skip' })
                }
                data={(['skip', 'replace'] as const).map((value) => ({
                  value,
                  label: t(`cron.file.onPresents.${value}`),
                }))}
              />
            </div>
            <Switch
              label={t('cron.file.startsOff')}
              description={t('cron.file.startsOffHint')}
              checked={choices.startsOff}
              disabled={keep.data !== undefined}
              onChange={(event) => setChoices({ ...choices, startsOff: event.currentTarget.checked })}
            />
            {shown !== undefined ? (
              <ul className={classes.results} aria-live="polite">
                {shown.map((item) => (
                  <Imported key={item.index} item={item} isDone={keep.data !== undefined} />
                ))}
              </ul>
            ) : trial.error === null ? (
              <LoadingRows rows={4} />
            ) : (
              <ErrorState error={trial.error} onRetry={() => void trial.refetch()} />
            )}
          </>
        )}
      </div>
    </SideSheet>
  );
}

function Imported({ item, isDone }: { readonly item: CronImported; readonly isDone: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { index, name, site, state, isGrave, failure } = item;
  return (
    <li className={classes.result}>
      <span>
        <bdi className={classes.name}>
          {name === '' ? t('cron.file.unnamed', { number: format.number(index + 1) }) : name}
        </bdi>
        {site !== null && (
          <span className={classes.soft}>
            <bdi>{site}</bdi>
          </span>
        )}
      </span>
      <Status tone={tones[state]}>{t(isDone ? `cron.file.done.${state}` : `cron.file.states.${state}`)}</Status>
      {isGrave && !isDone && <p className={classes.why}>{t('cron.file.grave')}</p>}
      {failure !== null && failure.fields.length === 0 && <p className={classes.why}>{errorText(errorOf(failure))}</p>}
      {failure?.fields.slice(0, 5).map(({ field, code, params }) => (
        <p key={`${field} ${code}`} className={classes.why}>
          <Token mono>{field}</Token> {fieldText(t, code, params, format)}
        </p>
      ))}
    </li>
  );
}
