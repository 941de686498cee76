import { UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { actionTitle } from './audit-actions.ts';
import classes from './AuditDays.module.css';
import { AuditFacts } from './AuditFacts.tsx';
import type { AuditRow } from './audit.queries.ts';

const tones: Record<AuditRow['outcome'], Tone> = { started: 'idle', done: 'good', refused: 'warn', failed: 'bad' };

/** One line; opens to everything that was written down. */
export function AuditLine({ row }: { readonly row: AuditRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [isOpen, setIsOpen] = useState(false);
  const title = actionTitle(t, row.action);
  const name = typeof row.detail['name'] === 'string' ? row.detail['name'] : undefined;
  const factsId = `audit-${row.id}`;
  return (
    <li className={classes.line} data-open={isOpen || undefined}>
      <UnstyledButton
        className={classes.head ?? ''}
        aria-expanded={isOpen}
        aria-controls={factsId}
        onClick={() => setIsOpen((before) => !before)}
      >
        <IconChevronRight size={16} className={`${classes.chevron} mirrored`} aria-hidden />
        <time className={`${classes.time} numbers`} dateTime={row.at} title={format.dateTime(row.at)}>
          {format.time(row.at)}
        </time>
        <span className={classes.what}>
          <span className={classes.action}>{title ?? <Token mono>{row.action}</Token>}</span>
          {(name ?? row.target) !== '' && (
            <ForeignText max={120} className={classes.target}>
              {name ?? row.target}
            </ForeignText>
          )}
        </span>
        <ActorName row={row} />
        <span className={classes.address}>
          {row.address === '' ? t('audit.noAddress') : <Token>{row.address}</Token>}
        </span>
        <span className={classes.outcome}>
          <Status tone={tones[row.outcome]}>{t(`audit.outcomes.${row.outcome}`)}</Status>
          {row.sequence !== null && (
            <span className={classes.sequence}>
              <Token mono>{`#${row.sequence}`}</Token>
            </span>
          )}
        </span>
      </UnstyledButton>
      <div id={factsId} hidden={!isOpen}>
        {isOpen && <AuditFacts row={row} />}
      </div>
    </li>
  );
}

function ActorName({ row: { actor } }: { readonly row: AuditRow }) {
  const { t } = useTranslation();
  if (actor.id === null) {
    return (
      <span className={classes.actor} data-nobody>
        {actor.name === 'console' ? t('audit.console') : t('audit.nobody')}
      </span>
    );
  }
  return (
    <ForeignText max={80} className={classes.actor}>
      {actor.name}
    </ForeignText>
  );
}
