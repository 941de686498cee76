import { NumberInput, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { argumentsOf } from './app-presets.ts';
import classes from './SiteApp.module.css';
import { readStart, withStart } from './start-words.ts';

/** Fields for what the arguments of a known server say; they write into the list below them. */
export function StartFields(props: {
  readonly program: string;
  readonly list: readonly string[];
  readonly isFixed: boolean;
  readonly onChange: (list: string[]) => void;
}) {
  const { t } = useTranslation();
  const { list, isFixed } = props;
  const words = readStart(props.program, list);
  if (words === null) return null;
  const change = (part: Parameters<typeof withStart>[2]): void => props.onChange(withStart(words, list, part));
  const number = { disabled: isFixed, allowDecimal: false, allowNegative: false, min: 1, max: 512 } as const;
  const asked = (value: string | number): number | null => (value === '' || Number(value) < 1 ? null : Number(value));
  const isJava = words.kind === 'java';
  return (
    <>
      <TextInput
        label={t(isJava ? 'apps.given.java' : 'apps.given.wsgi')}
        dir="ltr"
        spellCheck={false}
        classNames={{ input: classes.mono ?? '' }}
        value={words.object}
        // Nothing typed would be read as the word before it.
        onChange={(event) =>
          event.currentTarget.value.trim() !== '' && change({ object: event.currentTarget.value.trim() })
        }
        disabled={isFixed}
      />
      {words.processes !== undefined && (
        <NumberInput
          {...number}
          label={t('apps.form.processes')}
          placeholder={t('apps.form.ownNumber')}
          value={words.processes ?? ''}
          onChange={(value) => change({ processes: asked(value) })}
        />
      )}
      {words.threads !== undefined && (
        <NumberInput
          {...number}
          label={t('apps.form.threads')}
          placeholder={t('apps.form.ownNumber')}
          value={words.threads ?? ''}
          onChange={(value) => change({ threads: asked(value) })}
        />
      )}
      {words.jvm !== undefined && (
        <Textarea
          className={classes.wide}
          label={t('apps.form.jvm')}
          description={t('apps.form.jvmHint')}
          dir="ltr"
          spellCheck={false}
          classNames={{ input: classes.mono ?? '' }}
          value={words.jvm.join('\n')}
          onChange={(event) => change({ jvm: argumentsOf(event.currentTarget.value) })}
          autosize
          minRows={1}
          maxRows={8}
          disabled={isFixed}
        />
      )}
    </>
  );
}
