import { Tooltip, UnstyledButton } from '@mantine/core';
import {
  IconAdjustments,
  IconArrowBackUp,
  IconChevronDown,
  IconCode,
  IconFileCheck,
  IconFileImport,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { Status } from '../../ui/Status.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { ChangeDetail } from './ChangeDetail.tsx';
import { changeTitle, failureText } from './change-texts.ts';
import type { SiteChange } from './history.queries.ts';
import classes from './Timeline.module.css';
import { UndoButton } from './UndoButton.tsx';

const signs = {
  create: { icon: IconPlus, tone: 'good' },
  update: { icon: IconAdjustments, tone: 'accent' },
  enable: { icon: IconPlayerPlay, tone: 'good' },
  disable: { icon: IconPlayerPause, tone: 'plain' },
  custom_directives: { icon: IconCode, tone: 'accent' },
  adopt: { icon: IconFileCheck, tone: 'warn' },
  overwrite: { icon: IconFileImport, tone: 'warn' },
  delete: { icon: IconTrash, tone: 'bad' },
  undo: { icon: IconArrowBackUp, tone: 'plain' },
} as const;

type ChangeItemProps = {
  readonly change: SiteChange;
  /** The change that this one took back, when it is known here. */
  readonly undone: SiteChange | undefined;
  readonly isSiteShown: boolean;
};

/** One change: what, who, when and how it ended; opened, what it did to facts and files. */
export function ChangeItem({ change, undone, isSiteShown }: ChangeItemProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = useLook();
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  const { icon: Sign, tone } = signs[change.action];
  return (
    <li className={classes.item}>
      <div className={classes.head}>
        <span className={classes.sign} data-tone={change.outcome === 'failed' ? 'bad' : tone}>
          <Sign size={18} stroke={1.7} className={change.action === 'undo' ? 'mirrored' : undefined} aria-hidden />
        </span>
        <div className={classes.what}>
          <UnstyledButton
            className={classes.title}
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => setIsOpen((before) => !before)}
          >
            <span>
              {undone === undefined
                ? changeTitle(t, language, change)
                : t('history.undid', { title: changeTitle(t, language, undone) })}
            </span>
            <IconChevronDown size={15} className={classes.chevron} aria-hidden />
          </UnstyledButton>
          <div className={classes.meta}>
            {isSiteShown && (
              <span>
                <SiteLink change={change} />
              </span>
            )}
            <span>
              <bdi>{change.actor.name}</bdi>
            </span>
            <span>
              <Tooltip label={format.dateTime(change.at)}>
                <time dateTime={change.at}>{format.ago(change.at)}</time>
              </Tooltip>
            </span>
          </div>
          {change.outcome === 'failed' && <div className={classes.failure}>{failureText(t, change.failure)}</div>}
        </div>
        <div className={classes.outcome}>
          {change.outcome !== 'done' && (
            <Status tone={change.outcome === 'failed' ? 'bad' : 'busy'}>
              {t(`history.outcomes.${change.outcome}`)}
            </Status>
          )}
        </div>
        <div className={classes.undo}>{change.isUndoable && <UndoButton change={change} />}</div>
      </div>
      <div id={id}>{isOpen && <ChangeDetail changeId={change.id} />}</div>
    </li>
  );
}

function SiteLink({ change }: { readonly change: SiteChange }) {
  const isGone = change.action === 'delete' && change.outcome === 'done';
  return isGone ? (
    <SiteTitle name={change.siteName} className={classes.site} />
  ) : (
    <Link to="/sites/$siteId" params={{ siteId: change.siteId }} className={classes.site}>
      <SiteTitle name={change.siteName} />
    </Link>
  );
}
