import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { FactValue } from './FactValue.tsx';
import { changedFacts, refusalOf } from './site-conflict.ts';
import classes from './ChangeRefused.module.css';

type ChangeRefusedProps = {
  readonly error: unknown;
  /** The site as the person saw it when they began. */
  readonly seen: Site;
  readonly present: Site;
  /** Facts that the form changes. */
  readonly touched: readonly string[];
  readonly isBusy: boolean;
  /** Sends the form again, counted from what is there now; `overwrite` also over a file changed by hand. */
  readonly onRetry: (options: { readonly overwrite: boolean }) => void;
  readonly onDiscard?: () => void;
};

/** A change of a site that was not made: why, what is there now, and the choices. */
export function ChangeRefused({ error, seen, present, touched, isBusy, onRetry, onDiscard }: ChangeRefusedProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const refusal = refusalOf(error);
  if (refusal === 'other') {
    return (
      <Notice tone="bad" role="alert">
        {errorText(error)}
      </Notice>
    );
  }
  if (refusal === 'by_hand') {
    return (
      <Notice
        tone="warn"
        role="alert"
        title={t('sites.refused.byHand')}
        actions={
          <Button size="xs" variant="default" loading={isBusy} onClick={() => onRetry({ overwrite: true })}>
            {t('sites.refused.overwrite')}
          </Button>
        }
      >
        {errorText(error)}
      </Notice>
    );
  }
  const changed = changedFacts(seen, present, touched);
  return (
    <Notice
      tone="warn"
      role="alert"
      title={t('sites.refused.meanwhile')}
      actions={
        <>
          {onDiscard !== undefined && (
            <Button size="xs" variant="default" disabled={isBusy} onClick={onDiscard}>
              {t('sites.refused.takeTheirs')}
            </Button>
          )}
          <Button size="xs" loading={isBusy} onClick={() => onRetry({ overwrite: false })}>
            {t('sites.refused.keepMine')}
          </Button>
        </>
      }
    >
      {t(changed.length === 0 ? 'sites.refused.meanwhileNothing' : 'sites.refused.meanwhileText')}
      {changed.length > 0 && (
        <dl className={classes.facts}>
          {changed.map((field) => (
            <div key={field}>
              <dt>{t(`errors.facts.${field as 'name'}`)}</dt>
              <dd>
                {field === 'customDirectives' ? (
                  t('sites.refused.otherDirectives')
                ) : (
                  <FactValue field={field} value={present[field as keyof Site]} />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Notice>
  );
}
