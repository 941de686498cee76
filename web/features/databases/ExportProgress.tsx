import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/errors.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import classes from './Imports.module.css';
import { exportQuery } from './exports.queries.ts';

type ExportProgressProps = { readonly databaseId: string; readonly exportId: string };

/** How far a download is, and whether the file is whole: the browser's own list only knows that it ended. */
export function ExportProgress({ databaseId, exportId }: ExportProgressProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { data, error } = useQuery(exportQuery(databaseId, exportId));
  if (error !== null)
    return (
      <Notice tone="warn" role="status" title={t('databaseExports.unknown')}>
        {errorText(error)}
      </Notice>
    );
  if (data === undefined) return null;
  const { state, fileName, sentBytes, leftOut, failure } = data;
  if (state === 'failed')
    return (
      <Notice tone="bad" role="alert" title={t('databaseExports.broken')}>
        {errorText(
          new ApiError({
            code: 'internal',
            params: failure?.params ?? {},
            ...(failure?.reason == null ? {} : { reason: failure.reason }),
          }),
        )}
      </Notice>
    );
  return (
    <Notice tone={state === 'succeeded' ? 'good' : 'info'} role="status" title={t(`databaseExports.states.${state}`)}>
      <bdi dir="ltr">{fileName}</bdi> · <span className="numbers">{format.bytes(sentBytes)}</span>
      {leftOut.length > 0 && (
        <>
          <p className={classes.text}>{t('databaseExports.leftOut')}</p>
          <ul className={classes.facts}>
            {leftOut.slice(0, 20).map((view) => (
              <li key={view}>
                <ForeignText mono>{view}</ForeignText>
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  );
}
