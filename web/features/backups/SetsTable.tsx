import { IconChevronRight, IconPinFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BackupSet, BackupTarget } from '#shared/backups.ts';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { readPart } from './backup-names.ts';
import { ProofBadge } from './ProofBadge.tsx';
import classes from './Sets.module.css';

type SetsTableProps = {
  readonly sets: readonly BackupSet[];
  readonly targets: readonly BackupTarget[];
  /** The rows of the page before, until those of the next one are there. */
  readonly isStale: boolean;
};

export function SetsTable({ sets, targets, isStale }: SetsTableProps) {
  const { t } = useTranslation();
  return (
    <table className={classes.table} data-stale={isStale || undefined} aria-busy={isStale}>
      <thead>
        <tr>
          {(['at', 'parts', 'target', 'size', 'proof'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`backups.sets.${column}`)}
            </th>
          ))}
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {sets.map((set) => (
          <SetLine
            key={`${set.targetId} ${set.setId}`}
            set={set}
            targetName={targets.find(({ id }) => id === set.targetId)?.name ?? t('backups.plans.noTarget')}
          />
        ))}
      </tbody>
    </table>
  );
}

function SetLine({ set, targetName }: { readonly set: BackupSet; readonly targetName: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { targetId, setId, at, parts, bytes, addedBytes, lastProof, isPinned, planName, kind } = set;
  const time = format.dateTime(at);
  return (
    <tr className={classes.row}>
      <td className={classes.when}>
        <Link
          to="/backups/sets/$targetId/$setId"
          params={{ targetId, setId }}
          className={classes.link}
          aria-label={t('backups.sets.open', { at: time })}
        >
          {time}
        </Link>
        {isPinned && (
          <IconPinFilled size={14} className={classes.pin} role="img" aria-label={t('backups.sets.pinned')} />
        )}
        <span className={classes.sub}>
          {format.ago(at)} ·{' '}
          {planName === '' || kind === 'safety' ? t(`backups.sets.kinds.${kind}`) : <bdi>{planName}</bdi>}
        </span>
      </td>
      <td className={classes.parts}>
        <PartsLine names={parts.map(({ name }) => name)} />
      </td>
      <td className={classes.target}>
        <bdi>{targetName}</bdi>
      </td>
      <td className={`${classes.size} numbers`}>
        {format.bytes(bytes)}
        <span className={classes.sub}>{t('backups.sets.added', { size: format.bytes(addedBytes) })}</span>
      </td>
      <td className={classes.proof}>
        <ProofBadge proof={lastProof} />
      </td>
      <td className={classes.end}>
        <IconChevronRight size={16} className="mirrored" aria-hidden />
      </td>
    </tr>
  );
}

const shownParts = 3;

/** The first parts by name, and how many there are. */
function PartsLine({ names }: { readonly names: readonly string[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = names.length - shownParts;
  return (
    <>
      <span className={classes.partNames}>
        {names.slice(0, shownParts).map((name) => {
          const { word } = readPart(name);
          return (
            <span key={name} className={classes.partName}>
              {word === '' ? t('backups.parts.panel') : <Token>{word}</Token>}
            </span>
          );
        })}
        {more > 0 && <span>{t('backups.run.more', { value: format.number(more) })}</span>}
      </span>
      <span className={classes.sub}>
        {t('backups.sets.partCount', { count: names.length, value: format.number(names.length) })}
      </span>
    </>
  );
}
