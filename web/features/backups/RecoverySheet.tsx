import { useQuery } from '@tanstack/react-query';
import { createPortal } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { QrCode } from '../account/QrCode.tsx';
import { placeLine } from './backup-names.ts';
import { backupsQuery } from './backups.queries.ts';
import classes from './RecoverySheet.module.css';

/** The command that brings a machine back. */
const recoverCommand = 'aapanel backup recover';

/**
 * What is printed: the key to read and to scan, where the backups lie, and what to do with both. It is a child of the body
 * itself: a dialog is shifted and cut off, and so is all that is in it, on paper too.
 */
export function RecoverySheet({ recoveryKey, keyId }: { readonly recoveryKey: string; readonly keyId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useQuery(backupsQuery);
  const [before, after] = t('backups.sheet.how2', { command: '\u0000' }).split('\u0000');
  return createPortal(
    <div className={classes.paper} data-testid="recovery-sheet">
      <h1>
        {t('common.productName')}: {t('backups.sheet.printTitle')}
      </h1>
      <dl>
        <dt>{t('backups.sheet.host')}</dt>
        <dd>
          <Token>{location.host}</Token>
        </dd>
        <dt>{t('backups.sheet.date')}</dt>
        <dd>{data?.recovery == null ? '' : format.dateTime(data.recovery.createdAt)}</dd>
        <dt>{t('backups.sheet.number')}</dt>
        <dd>
          <Token mono>{keyId}</Token>
        </dd>
      </dl>
      <div className={classes.box}>
        <div className={classes.key} dir="ltr">
          {recoveryKey}
        </div>
        <div className={classes.qr}>
          <QrCode text={recoveryKey} label={t('backups.sheet.qr')} />
        </div>
      </div>
      {data !== undefined && data.targets.length > 0 && (
        <>
          <h2>{t('backups.sheet.targets')}</h2>
          <ul>
            {data.targets.map(({ id, name, place }) => (
              <li key={id}>
                <bdi>{name}</bdi> · {t(`backups.targets.kinds.${place.kind}`)} · <Token mono>{placeLine(place)}</Token>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>{t('backups.sheet.howTitle')}</h2>
      <ol>
        <li>{t('backups.sheet.how1')}</li>
        <li>
          {before}
          <Token mono>{recoverCommand}</Token>
          {after}
        </li>
        <li>{t('backups.sheet.how3')}</li>
      </ol>
      <p>
        <strong>{t('backups.sheet.warn')}</strong>
      </p>
      <p>{t('backups.sheet.care')}</p>
    </div>,
    document.body,
  );
}
