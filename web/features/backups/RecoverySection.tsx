import { IconKey, IconKeyOff } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '@mantine/core';
import type { BackupState } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Keys.module.css';
import { RecoveryButton, useMakeRecovery } from './RecoveryButton.tsx';

/** Whether there is a recovery key, and the way to one. */
export function RecoverySection({ recovery }: Pick<BackupState, 'recovery'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const isMissing = recovery === null;
  const Sign = isMissing ? IconKeyOff : IconKey;
  return (
    <Section title={t('backups.keys.recovery')} description={t('backups.keys.recoveryText')}>
      <div className={classes.recovery}>
        <span className={classes.tile} data-missing={isMissing || undefined} aria-hidden>
          <Sign size={24} stroke={1.7} />
        </span>
        <div className={classes.words}>
          <div className={classes.state}>
            {recovery === null
              ? t('backups.keys.recoveryNone')
              : t('backups.keys.recoveryMade', { date: format.dateTime(recovery.createdAt) })}
          </div>
          <div className={classes.soft}>
            {recovery === null ? (
              t('backups.concerns.noRecoveryText')
            ) : (
              <>
                {t('backups.keys.number')} <Token mono>{recovery.keyId}</Token>
              </>
            )}
          </div>
        </div>
        {recovery === null ? <RecoveryButton label={t('backups.keys.recoveryMake')} size="sm" /> : <NewRecovery />}
      </div>
    </Section>
  );
}

/** Another one ends the one before: asked first. */
function NewRecovery() {
  const { t } = useTranslation();
  const mayManage = useCan()('backups.manage');
  const { make, isPending } = useMakeRecovery();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <WhyNot reason={!mayManage}>
        <Button variant="default" disabled={!mayManage} onClick={() => setIsAsking(true)}>
          {t('backups.keys.recoveryAgain')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.keys.recoveryAgainTitle')}
        confirmLabel={t('backups.keys.recoveryAgain')}
        isBusy={isPending}
        onConfirm={() => make(() => setIsAsking(false))}
        onClose={() => setIsAsking(false)}
      >
        {t('backups.keys.recoveryAgainText')}
      </ConfirmDialog>
    </>
  );
}
