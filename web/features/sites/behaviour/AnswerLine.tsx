import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../ui/format.ts';
import { Token } from '../../../ui/Token.tsx';
import type { SiteAnswer } from '../sites.queries.ts';
import classes from './Answer.module.css';

type Answer = SiteAnswer['now'];
type AnswerLineProps = {
  readonly label: string;
  readonly answer: Answer;
  /** By rules that are not saved. */
  readonly isUnsaved?: boolean;
};

/** One answer: the rule, its status, where it leads, who set it. */
export function AnswerLine({ label, answer, isUnsaved = false }: AnswerLineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { by, index, status, location, setBy, mayCustomAnswer, isUnlessFile } = answer;
  const isOfSite = ['nobody', 'challenge', 'odd', 'hidden', 'scripts', 'php', 'app', 'files'].includes(by);
  const author = isOfSite
    ? t('behaviour.answer.comesWithSite')
    : setBy === null
      ? isUnsaved
        ? t('behaviour.answer.notSaved')
        : ''
      : t('behaviour.answer.setBy', { name: setBy.actor.name, time: format.dateTime(setBy.at) });
  const notes = [
    ...(index === null ? [] : [t('behaviour.answer.order', { number: format.number(index + 1) })]),
    ...(author === '' ? [] : [author]),
    ...(isUnlessFile ? [t('behaviour.answer.isUnlessFile')] : []),
    ...(mayCustomAnswer ? [t('behaviour.answer.mayCustomAnswer')] : []),
  ];
  return (
    <div className={classes.line}>
      <span className={classes.label}>{label}</span>
      <div className={classes.said}>
        <p className={classes.rule}>
          <strong>{t(`behaviour.answer.by.${by}`)}</strong>
          {status !== null && <span className={`${classes.status} numbers`}>{status}</span>}
        </p>
        {location !== null && (
          <p className={classes.target}>
            {t('behaviour.answer.leads')} <Token mono>{location}</Token>
          </p>
        )}
        <p className={classes.notes}>{notes.join(' · ')}</p>
      </div>
    </div>
  );
}
