import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { SiteBehaviour } from '#shared/site-behaviour.ts';
import { useSite } from '../site-context.ts';
import { unsavedAnswerQuery } from '../sites.queries.ts';
import { AnswerLine } from './AnswerLine.tsx';
import { useAsked } from './asked-address.ts';
import classes from './Answer.module.css';
import { withoutTyped } from './typed-passwords.ts';

/** What would answer the address that was asked above, if this form were saved as it stands. */
export function UnsavedAnswer({ behaviour }: { readonly behaviour: SiteBehaviour }) {
  const { t } = useTranslation();
  const site = useSite();
  const { question } = useAsked();
  const { data } = useQuery({
    ...unsavedAnswerQuery(site.id, site.revision, question, withoutTyped(behaviour)),
    placeholderData: keepPreviousData,
  });
  // Rules that are not right yet have no answer: saving says why.
  if (question === null || data === undefined || data.unsaved === null) return null;
  return (
    <div className={classes.answers} role="status">
      <AnswerLine label={t('behaviour.answer.now')} answer={data.now} />
      <AnswerLine label={t('behaviour.answer.unsaved')} answer={data.unsaved} isUnsaved />
    </div>
  );
}
