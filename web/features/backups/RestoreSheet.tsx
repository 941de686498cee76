import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupSet } from '#shared/backups.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useStartRun } from './backups.queries.ts';
import classes from './Forms.module.css';
import { PartLabel } from './PartLabel.tsx';
import { RestoreDone } from './RestoreDone.tsx';
import { RestoreFields } from './RestoreFields.tsx';
import { RestorePreview } from './RestorePreview.tsx';
import { chosenParts, newRestoreDraft, problemOf, restoreRequest, type RestoreWish } from './restore-draft.ts';

type RestoreSheetProps = { readonly set: BackupSet; readonly wish: RestoreWish; readonly onClose: () => void };

/** What comes back and where to, what that would change, and then the restore itself: never one before the other. */
export function RestoreSheet({ set, wish, onClose }: RestoreSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const dry = useStartRun();
  const real = useStartRun();
  const [draft, setDraft] = useState(() => newRestoreDraft(set, wish));
  const [isTried, setIsTried] = useState(false);
  const [isPreviewed, setIsPreviewed] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const parts = chosenParts(set, draft);
  const problem = problemOf(parts, draft);
  const edit = (change: Partial<typeof draft>): void => {
    setDraft((before) => ({ ...before, ...change }));
    setIsPreviewed(false);
    dry.reset();
    real.reset();
  };
  const preview = (): void => {
    setIsTried(true);
    setIsPreviewed(false);
    if (problem === null) dry.mutate(restoreRequest(set, wish, draft, true));
  };
  const restore = (): void =>
    finish(real, restoreRequest(set, wish, draft, false), { onSettled: () => setIsAsking(false) });
  const name = wish.member?.split('/').at(-1);
  const title = name === undefined ? t('backups.restore.title') : t('backups.restore.memberTitle', { name });
  const started = real.data;
  const isInPlace = draft.way === 'in_place';

  return (
    <SideSheet
      title={title}
      onClose={onClose}
      size={640}
      closesOnEscape={!isAsking}
      footer={
        started === undefined ? (
          <>
            {isPreviewed && problem === null ? (
              <Button
                color={isInPlace ? 'red' : 'brand'}
                loading={real.isPending && !isAsking}
                onClick={() => (isInPlace ? setIsAsking(true) : restore())}
              >
                {t(isInPlace ? 'backups.restore.start' : 'backups.restore.startAside')}
              </Button>
            ) : (
              <Button loading={dry.isPending} disabled={dry.data !== undefined} onClick={preview}>
                {t('backups.restore.preview')}
              </Button>
            )}
            <Button variant="default" onClick={onClose}>
              {t('common.actions.cancel')}
            </Button>
          </>
        ) : (
          <Button variant="default" onClick={onClose}>
            {t('common.actions.close')}
          </Button>
        )
      }
    >
      <div className={classes.form}>
        <p className={classes.hint}>{t('backups.restore.from', { at: format.dateTime(set.at) })}</p>
        {started !== undefined ? (
          <RestoreDone key={started.id} jobId={started.id} />
        ) : (
          <>
            <RestoreFields set={set} wish={wish} draft={draft} problem={isTried ? problem : null} onChange={edit} />
            {dry.isError && (
              <Notice tone="bad" role="alert" title={t('backups.run.startFailed')}>
                {errorText(dry.error)}
              </Notice>
            )}
            {real.isError && (
              <Notice tone="bad" role="alert" title={t('backups.run.startFailed')}>
                {errorText(real.error)}
              </Notice>
            )}
            {dry.data !== undefined && (
              <RestorePreview key={dry.data.id} jobId={dry.data.id} onReady={setIsPreviewed} onAgain={preview} />
            )}
          </>
        )}
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.restore.confirmTitle')}
        confirmLabel={t('backups.restore.confirmAction')}
        isDangerous
        isBusy={real.isPending}
        onConfirm={restore}
        onClose={() => setIsAsking(false)}
      >
        <p>{t('backups.restore.confirmText')}</p>
        <ul className={classes.named} tabIndex={0}>
          {parts.map((part) => (
            <li key={part.name}>
              <PartLabel name={part.name} />
            </li>
          ))}
          {wish.member !== null && (
            <li>
              <bdi dir="ltr">{wish.member}</bdi>
            </li>
          )}
        </ul>
        <p>{t('backups.restore.confirmSafety')}</p>
        <p>{t('backups.restore.confirmDown')}</p>
      </ConfirmDialog>
    </SideSheet>
  );
}
