import { Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupPart, BackupSet } from '#shared/backups.ts';
import { useFormat } from '../../ui/format.ts';
import { PartLabel } from './PartLabel.tsx';
import classes from './SetPage.module.css';

type SetPartsProps = {
  readonly set: BackupSet;
  readonly openName: string | undefined;
  readonly onOpen: (name: string | null) => void;
};

/** What is in the backup; a part with files opens to them. */
export function SetParts({ set, openName, onOpen }: SetPartsProps) {
  return (
    <ul className={classes.parts}>
      {set.parts.map((part) => {
        const isOpen = part.name === openName;
        return (
          <li key={part.name}>
            <UnstyledButton
              className={classes.part ?? ''}
              data-open={isOpen || undefined}
              aria-expanded={isOpen}
              onClick={() => onOpen(isOpen ? null : part.name)}
            >
              <IconChevronRight size={16} className={`${classes.chevron} mirrored`} aria-hidden />
              <span className={classes.partName}>
                <PartLabel name={part.name} />
              </span>
              <Amounts part={part} />
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}

function Amounts({ part: { kind, bytes, count, leftOutCount } }: { readonly part: BackupPart }) {
  const { t } = useTranslation();
  const format = useFormat();
  const amount = { count, value: format.number(count) };
  return (
    <span className={`${classes.amounts} numbers`}>
      {format.bytes(bytes)}
      <span className={classes.soft}>
        {kind === 'tree' ? t('backups.set.files', amount) : t('backups.set.rows', amount)}
      </span>
      {leftOutCount > 0 && (
        <Tooltip label={t('backups.set.leftOutHint')}>
          <span className={`${classes.soft} ${classes.left}`}>
            {t('backups.set.leftOut', { count: leftOutCount, value: format.number(leftOutCount) })}
          </span>
        </Tooltip>
      )}
    </span>
  );
}
