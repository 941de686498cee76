import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Token } from '../../ui/Token.tsx';
import classes from './Doors.module.css';
import { addressFate } from './doors-draft.ts';

type AddressFateProps = {
  /** The reader's own. */
  readonly address: string;
  readonly lines: readonly string[];
  readonly onAdd: (() => void) | null;
};

/** Whether the list, as it is typed, still lets the reader in. */
export function AddressFate({ address, lines, onAdd }: AddressFateProps) {
  const { t } = useTranslation();
  const fate = addressFate(address, lines);
  const FateIcon = fate === 'missing' ? IconAlertTriangle : IconCircleCheck;
  return (
    <>
      <div className={classes.fate} data-fate={fate} role="status">
        <FateIcon size={18} stroke={1.8} aria-hidden />
        <span>
          {t('doors.addresses.yours')} <Token mono>{address}</Token> — {t(`doors.addresses.${fate}`)}
        </span>
        {fate === 'missing' && onAdd !== null && (
          <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={onAdd}>
            {t('doors.addresses.add')}
          </Button>
        )}
      </div>
      {lines.length > 0 && <p className={classes.hint}>{t('doors.addresses.changing')}</p>}
    </>
  );
}
