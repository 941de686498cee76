import { useTranslation } from 'react-i18next';
import type { Preferences } from '#shared/settings.ts';
import { ChoiceCards } from './ChoiceCards.tsx';
import classes from './ChoiceCards.module.css';

type Digits = Preferences['digits'];

const samples: Record<Digits, string> = { latn: '0123456789', arab: '٠١٢٣٤٥٦٧٨٩' };

export function DigitsChoice({
  value,
  onChange,
}: {
  readonly value: Digits;
  readonly onChange: (value: Digits) => void;
}) {
  const { t } = useTranslation();
  return (
    <ChoiceCards
      label={t('settings.appearance.digits')}
      value={value}
      onChange={onChange}
      isWide
      choices={(['latn', 'arab'] as const).map((digits) => ({
        value: digits,
        name: t(`settings.appearance.${digits}`),
        picture: (
          <bdi dir="ltr" className={classes.digits}>
            {samples[digits]}
          </bdi>
        ),
      }))}
    />
  );
}
