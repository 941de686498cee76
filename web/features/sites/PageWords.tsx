import { Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SiteReach } from '#shared/site-reach.ts';

type Props = {
  readonly of: 'page' | 'offPage';
  readonly reach: SiteReach;
  readonly onChange: (part: Partial<SiteReach>) => void;
  readonly errorUnder: (start: string) => string | undefined;
  readonly isDisabled: boolean;
};

/** Title and text of a page that nginx shows in place of the site. */
export function PageWords({ of, reach, onChange, errorUnder, isDisabled }: Props) {
  const { t } = useTranslation();
  const words = reach[of];
  return (
    <>
      <TextInput
        label={t(`reach.${of}Title`)}
        description={t(`reach.${of}TitleHint`)}
        value={words.title}
        onChange={(event) => onChange({ [of]: { ...words, title: event.currentTarget.value } })}
        error={errorUnder(`reach.${of}.title`)}
        maxLength={100}
        dir="auto"
        disabled={isDisabled}
      />
      <Textarea
        label={t(`reach.${of}Text`)}
        value={words.text}
        onChange={(event) => onChange({ [of]: { ...words, text: event.currentTarget.value } })}
        error={errorUnder(`reach.${of}.text`)}
        maxLength={600}
        autosize
        minRows={2}
        maxRows={8}
        dir="auto"
        disabled={isDisabled}
      />
    </>
  );
}
