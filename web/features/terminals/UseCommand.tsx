import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fillCommand, placesOf, unseenInCommand } from '#shared/command-text.ts';
import type { SavedCommand } from './saved-commands.queries.ts';
import classes from './Terminals.module.css';

type UseCommandProps = {
  readonly saved: SavedCommand;
  readonly onUse: (line: string, runs: boolean) => void;
  readonly onBack: () => void;
};

/** Asks for the values of a command and shows the line that comes of it. */
export function UseCommand({ saved: { name, command }, onUse, onBack }: UseCommandProps) {
  const { t } = useTranslation();
  const places = placesOf(command);
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const [isTried, setIsTried] = useState(false);
  const problemOf = (place: string): string | undefined => {
    const value = values[place] ?? '';
    if (value === '') return t('terminals.book.required');
    return unseenInCommand.test(value) ? t('terminals.book.unseen') : undefined;
  };
  const line = fillCommand(command, values);
  const use = (runs: boolean): void => {
    setIsTried(true);
    if (places.every((place) => problemOf(place) === undefined)) onUse(line, runs);
  };
  return (
    <form
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        use(false);
      }}
    >
      <Stack gap="lg">
        <Text fw={600}>
          <bdi>{name}</bdi>
        </Text>
        {places.map((place, index) => (
          <TextInput
            key={place}
            label={<bdi dir="ltr">{place}</bdi>}
            dir="auto"
            spellCheck={false}
            autoCapitalize="none"
            maxLength={1_000}
            value={values[place] ?? ''}
            onChange={({ currentTarget: { value } }) => setValues({ ...values, [place]: value })}
            error={isTried ? problemOf(place) : undefined}
            data-autofocus={index === 0 || undefined}
          />
        ))}
        <div>
          <Text size="sm" c="dimmed">
            {t('terminals.book.line')}
          </Text>
          <pre className={classes.pasted} dir="ltr">
            {line}
          </pre>
        </div>
        <div className={classes.bookButtons}>
          <Button type="submit">{t('terminals.book.insert')}</Button>
          <Button variant="default" onClick={() => use(true)}>
            {t('terminals.book.run')}
          </Button>
          <Button variant="subtle" onClick={onBack}>
            {t('terminals.book.back')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
