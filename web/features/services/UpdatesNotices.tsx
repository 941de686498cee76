import { useTranslation } from 'react-i18next';
import type { MachineUpdates } from '#shared/software.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Services.module.css';

/** What the machine asks for: to be restarted, to have an installation finished; and whether it looks after itself. */
export function UpdatesNotices({ updates }: { readonly updates: MachineUpdates }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hasApt, fetchedAt, isInterrupted, restart, automatic } = updates;
  return (
    <div className={classes.notices}>
      {isInterrupted && (
        <Notice tone="bad" title={t('services.updates.interrupted')} below={<Token mono>dpkg --configure -a</Token>}>
          {t('services.updates.interruptedText')}
        </Notice>
      )}
      {restart.isNeeded && (
        <Notice tone="warn" title={t('services.updates.restart')}>
          {t('services.updates.restartText')}
          {restart.packages.length > 0 && (
            <span className={classes.sub}>
              {t('services.updates.restartFor', { packages: format.list(restart.packages) })}
            </span>
          )}
        </Notice>
      )}
      {hasApt && (
        <Notice tone={automatic === 'on' ? 'good' : 'info'}>
          {t(`services.updates.automatic.${automatic}`)}
          <span className={classes.sub}>
            {fetchedAt === null
              ? t('services.updates.neverFetched')
              : t('services.updates.fetched', { when: format.ago(fetchedAt) })}
          </span>
        </Notice>
      )}
    </div>
  );
}
