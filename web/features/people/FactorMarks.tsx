import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconDeviceMobileCheck,
  IconFingerprint,
  IconPassword,
  IconLifebuoy,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { useFormat } from '../../ui/format.ts';
import { factorWarning } from './person-state.ts';
import classes from './FactorMarks.module.css';

/** What somebody signs in with, as small marks; a weak account stands out. */
export function FactorMarks({ person, isLong = false }: { readonly person: PersonRow; readonly isLong?: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { hasPassword, hasTotp, passkeyCount, recoveryCodesLeft } = person;
  const warning = factorWarning(person);
  const hasSecond = hasTotp || passkeyCount > 0;
  const isNone = !hasPassword && !hasSecond;
  const passkeys = t('people.factors.passkeys', { count: passkeyCount, value: format.number(passkeyCount) });
  const recovery = t('people.factors.recovery', { count: recoveryCodesLeft, value: format.number(recoveryCodesLeft) });
  const said = { weak: t('people.factors.weak'), missing: t('people.factors.missing') };
  return (
    <span className={classes.marks} data-long={isLong || undefined}>
      {hasPassword && <Mark icon={IconPassword} label={t('people.factors.password')} isLong={isLong} />}
      {hasTotp && <Mark icon={IconDeviceMobileCheck} label={t('people.factors.totp')} isLong={isLong} isStrong />}
      {passkeyCount > 0 && <Mark icon={IconFingerprint} label={passkeys} isLong={isLong} isStrong />}
      {isLong && hasSecond && <Mark icon={IconLifebuoy} label={recovery} isLong />}
      {warning !== null && <Mark icon={IconAlertTriangle} label={said[warning]} isLong={isLong} isWarning />}
      {isNone && <span className={classes.none}>{t('people.factors.none')}</span>}
    </span>
  );
}

function Mark({
  icon: MarkIcon,
  label,
  isLong = false,
  isStrong = false,
  isWarning = false,
}: {
  readonly icon: Icon;
  readonly label: string;
  readonly isLong?: boolean;
  readonly isStrong?: boolean;
  readonly isWarning?: boolean;
}) {
  const mark = (
    <span className={classes.mark} data-strong={isStrong || undefined} data-warning={isWarning || undefined}>
      <MarkIcon size={15} stroke={1.8} aria-hidden />
      <span className={isLong ? undefined : 'visually-hidden'}>{label}</span>
    </span>
  );
  return isLong ? mark : <Tooltip label={label}>{mark}</Tooltip>;
}
