import { Button, Code, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { placesOf } from '#shared/command-text.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { useSaveCommand, type CommandDraft } from './saved-commands.queries.ts';
import classes from './Terminals.module.css';

type CommandFormProps = { readonly start: CommandDraft; readonly onDone: () => void };

/** A command and its name, a new one or one that is in the book. */
export function CommandForm({ start, onDone }: CommandFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSaveCommand();
  const [draft, setDraft] = useState(start);
  const [isTried, setIsTried] = useState(false);
  const change = (part: Partial<CommandDraft>): void => {
    setDraft({ ...draft, ...part });
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (draft.name.trim() === '' || draft.command.trim() === '' || save.isPending) return;
    finish(save, draft, { onSuccess: onDone });
  };
  const said = save.isError ? fieldErrors(save.error) : {};
  const places = placesOf(draft.command);
  const missing = (text: string): string | undefined =>
    isTried && text.trim() === '' ? t('terminals.book.required') : undefined;
  return (
    <form onSubmit={submit} noValidate autoComplete="off">
      <Stack gap="lg">
        {save.isError && toApiError(save.error).fields.length === 0 && (
          <Notice tone="bad" role="alert" title={t('terminals.book.notSaved')}>
            {errorText(save.error)}
          </Notice>
        )}
        <TextInput
          label={t('terminals.book.name')}
          value={draft.name}
          dir="auto"
          maxLength={80}
          onChange={({ currentTarget: { value } }) => change({ name: value })}
          error={said['name'] ?? missing(draft.name)}
          data-autofocus
        />
        <TextInput
          label={t('terminals.book.command')}
          description={t('terminals.book.commandHint', { example: '{{folder}}' })}
          placeholder="du -sh {{folder}}"
          classNames={{ input: classes.command ?? '' }}
          value={draft.command}
          dir="ltr"
          maxLength={2_000}
          spellCheck={false}
          autoCapitalize="none"
          onChange={({ currentTarget: { value } }) => change({ command: value })}
          error={said['command'] ?? missing(draft.command)}
        />
        {places.length > 0 && (
          <Text size="sm" c="dimmed">
            {t('terminals.book.asked')}{' '}
            {places.map((place) => (
              <Code key={place} dir="ltr" me={6}>
                {place}
              </Code>
            ))}
          </Text>
        )}
        <div className={classes.bookButtons}>
          <Button type="submit" loading={save.isPending}>
            {t('common.actions.save')}
          </Button>
          <Button variant="default" onClick={onDone} disabled={save.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </div>
      </Stack>
    </form>
  );
}
