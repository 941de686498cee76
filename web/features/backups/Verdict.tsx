import { Button, Tooltip } from '@mantine/core';
import { IconShieldCheck, IconShieldExclamation, IconShieldX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupState } from '#shared/backups.ts';
import { useFormat } from '../../ui/format.ts';
import { ConcernNotice } from './ConcernNotice.tsx';
import { ProofBadge } from './ProofBadge.tsx';
import { lastProofOf, verdictOf, type Concern, type History } from './safety.ts';
import classes from './Verdict.module.css';

const icons = { safe: IconShieldCheck, warn: IconShieldExclamation, bad: IconShieldX } as const;
/** More than these are folded away: the first are the ones to begin with. */
const shownAtOnce = 3;

type VerdictProps = {
  readonly state: BackupState;
  readonly histories: ReadonlyMap<string, History>;
  readonly concerns: readonly Concern[];
  readonly onTarget: () => void;
};

/** "Am I safe?" in one look, and what stands against it. */
export function Verdict({ state, histories, concerns, onTarget }: VerdictProps) {
  const { t } = useTranslation();
  const [isAll, setIsAll] = useState(false);
  const verdict = verdictOf(concerns);
  const isLoaded = state.plans.every(({ id }) => histories.has(id));
  const VerdictIcon = icons[verdict];
  const shown = isAll ? concerns : concerns.slice(0, shownAtOnce);
  const format = useFormat();
  return (
    <section className={classes.verdict} data-tone={verdict} aria-busy={!isLoaded}>
      <div className={classes.head}>
        <span className={classes.shield} aria-hidden>
          <VerdictIcon size={34} stroke={1.5} />
        </span>
        <div className={classes.words} role="status">
          <h2 className={classes.title}>{isLoaded ? t(`backups.verdict.${verdict}`) : t('backups.verdict.loading')}</h2>
          <p className={classes.text}>{isLoaded ? t(`backups.verdict.${verdict}Text`) : '\u00a0'}</p>
        </div>
      </div>
      <Figures state={state} histories={histories} />
      {isLoaded && concerns.length > 0 && (
        <ul className={classes.concerns}>
          {shown.map((concern) => (
            <li key={concernId(concern)}>
              <ConcernNotice concern={concern} state={state} onTarget={onTarget} />
            </li>
          ))}
        </ul>
      )}
      {concerns.length > shown.length && (
        <Button className={classes.more ?? ''} variant="subtle" size="xs" onClick={() => setIsAll(true)}>
          {t('backups.verdict.more', { value: format.number(concerns.length) })}
        </Button>
      )}
    </section>
  );
}

function concernId(concern: Concern): string {
  return `${concern.key} ${'plan' in concern ? concern.plan.id : 'targetName' in concern ? concern.targetName : ''}`;
}

function Figures({ state: { plans }, histories }: Pick<VerdictProps, 'state' | 'histories'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const sets = [...histories.values()].flat().sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const next = plans.flatMap(({ nextRunAt }) => nextRunAt ?? []).sort()[0];
  const gaps = plans.flatMap(({ plan, rpoMinutes }) => (plan.isPaused || rpoMinutes === null ? [] : [rpoMinutes]));
  const newest = sets[0];
  return (
    <dl className={classes.figures}>
      <div>
        <dt>{t('backups.verdict.lastGood')}</dt>
        <dd>
          {newest === undefined ? (
            t('backups.verdict.none')
          ) : (
            <time dateTime={newest.at} title={format.dateTime(newest.at)}>
              {format.ago(newest.at)}
            </time>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.verdict.nextRun')}</dt>
        <dd>
          {next === undefined ? (
            t('backups.verdict.none')
          ) : (
            <time dateTime={next} title={format.dateTime(next)}>
              {format.ago(next)}
            </time>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.verdict.proof')}</dt>
        <dd>
          <ProofBadge proof={lastProofOf(sets)} />
        </dd>
      </div>
      <div>
        <dt>{t('backups.verdict.worst')}</dt>
        <dd>
          {gaps.length === 0 ? (
            t('backups.verdict.none')
          ) : (
            <Tooltip label={t('backups.verdict.worstHint')}>
              <span tabIndex={0}>{format.duration(Math.max(...gaps) * 60_000)}</span>
            </Tooltip>
          )}
        </dd>
      </div>
    </dl>
  );
}
