import {
  IconDatabase,
  IconFileDatabase,
  IconFolder,
  IconLayoutDashboard,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupSource } from '#shared/backups.ts';
import { Token } from '../../ui/Token.tsx';
import { readPart, readSource, type PartName } from './backup-names.ts';
import classes from './PartLabel.module.css';

export const engineNames = { mariadb: 'MariaDB', postgresql: 'PostgreSQL', sqlite: 'SQLite' } as const;

export const partIcons: Readonly<Record<PartName['kind'], Icon>> = {
  panel: IconLayoutDashboard,
  site: IconWorld,
  database: IconDatabase,
  sqlite: IconFileDatabase,
  folder: IconFolder,
};

/** What a part is, in one line: a sign, its own name, and what kind of thing it is. */
export function PartLabel({ name }: { readonly name: string }) {
  return <Labelled part={readPart(name)} />;
}

function Labelled({ part }: { readonly part: PartName }) {
  const { t } = useTranslation();
  const PartIcon = partIcons[part.kind];
  const kind = t(`backups.parts.${part.kind}`);
  return (
    <span className={classes.part}>
      <PartIcon size={17} stroke={1.7} aria-hidden className={classes.icon} />
      <span className={classes.words}>
        <span className={classes.name}>{part.word === '' ? kind : <Token>{part.word}</Token>}</span>
        {part.word !== '' && (
          <span className={classes.kind}>
            {part.engine === null ? kind : t('backups.parts.databaseOf', { engine: engineNames[part.engine] })}
          </span>
        )}
      </span>
    </span>
  );
}

/** One thing that a plan saves, as a small chip. */
export function SourceChip({ source }: { readonly source: BackupSource }) {
  const { t } = useTranslation();
  const part = readSource(source);
  const ChipIcon = part === undefined ? (source.kind === 'all_sites' ? IconWorld : IconDatabase) : partIcons[part.kind];
  const text =
    source.kind === 'all_sites'
      ? t('backups.parts.all_sites')
      : source.kind === 'all_databases'
        ? t('backups.parts.all_databases', { engine: engineNames[source.engine] })
        : null;
  return (
    <span className={classes.chip}>
      <ChipIcon size={14} stroke={1.8} aria-hidden />
      <span className={classes.chipText}>
        {text ?? (part === undefined || part.word === '' ? t('backups.parts.panel') : <Token>{part.word}</Token>)}
      </span>
    </span>
  );
}
