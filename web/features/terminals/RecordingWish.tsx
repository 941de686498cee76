import { Checkbox, Text } from '@mantine/core';
import { IconMovie } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { isRecordedBy, type RecordingRule, type TerminalUser } from '#shared/terminals.ts';
import { terminalsQuery } from './terminals.queries.ts';
import classes from './Terminals.module.css';

type RecordingWishProps = {
  /** What may be opened from here. */
  readonly kinds: readonly TerminalUser[];
  readonly isWished: boolean;
  readonly onWish: (isWished: boolean) => void;
};

/** Says before a terminal is opened whether it is recorded, and takes the wish where the person is free to have one. */
export function RecordingWish({ kinds, isWished, onWish }: RecordingWishProps) {
  const { t } = useTranslation();
  const rule = useQuery(terminalsQuery).data?.recording;
  if (rule === undefined) return null;
  const said = saidOf(t, rule, kinds);
  const isFree = rule.role === 'chosen' && kinds.some((kind) => !isRecordedBy(rule, kind, false));
  return (
    <div className={classes.wish}>
      {said !== null && (
        <Text size="xs" className={classes.wishSaid} data-quiet={rule.role === 'never' || undefined}>
          <IconMovie size={15} aria-hidden />
          <span>{said}</span>
        </Text>
      )}
      {isFree && (
        <Checkbox
          size="xs"
          label={t('terminals.recordings.wish')}
          description={t('terminals.recordings.wishHint')}
          checked={isWished}
          onChange={({ currentTarget: { checked } }) => onWish(checked)}
        />
      )}
    </div>
  );
}

/** What is decided already; null: nothing. */
function saidOf(t: TFunction, rule: RecordingRule, kinds: readonly TerminalUser[]): string | null {
  if (rule.role === 'always') return t('terminals.recordings.byRole');
  if (rule.role === 'never') return t('terminals.recordings.never');
  if (rule.recorded === 'all') return t('terminals.recordings.byPanel');
  return kinds.some((kind) => isRecordedBy(rule, kind, false)) ? t('terminals.recordings.rootByPanel') : null;
}
