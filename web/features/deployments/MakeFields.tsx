import { NumberInput, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { MakeDraft } from './deploy-draft.ts';
import classes from './Deploy.module.css';

type MakeFieldsProps = {
  readonly draft: MakeDraft;
  readonly onChange: (part: Partial<MakeDraft>) => void;
  readonly errorOf: (field: string) => ReactNode;
  readonly isDisabled?: boolean;
  /** Only what a first deployment needs. */
  readonly isShort?: boolean;
};

/** How a release is made: what is served, built, shared, asked and kept. */
export function MakeFields({ draft, onChange, errorOf, isDisabled = false, isShort = false }: MakeFieldsProps) {
  const { t } = useTranslation();
  const lines = (name: 'build' | 'sharedFiles' | 'sharedFolders', placeholder: string) => (
    <Textarea
      className={name === 'build' ? classes.wide : undefined}
      classNames={{ input: classes.mono ?? '' }}
      label={t(`deployments.form.${name}`)}
      description={t(`deployments.form.${name}Hint`)}
      placeholder={placeholder}
      value={draft[name]}
      onChange={(event) => onChange({ [name]: event.currentTarget.value })}
      error={errorOf(name)}
      disabled={isDisabled}
      dir="ltr"
      rows={name === 'build' ? 4 : 3}
      resize="vertical"
      spellCheck={false}
    />
  );
  const number = (name: 'keep' | 'memoryMb' | 'minutes') => (
    <NumberInput
      label={t(`deployments.form.${name}`)}
      description={t(`deployments.form.${name}Hint`)}
      value={draft[name]}
      onChange={(value) => onChange({ [name]: Number(value) })}
      error={errorOf(name)}
      disabled={isDisabled}
      allowDecimal={false}
      allowNegative={false}
      hideControls
    />
  );
  return (
    <div className={classes.fields}>
      {lines('build', 'npm ci\nnpm run build')}
      <TextInput
        label={t('deployments.form.folder')}
        description={t('deployments.form.folderHint')}
        placeholder="public"
        value={draft.folder}
        onChange={(event) => onChange({ folder: event.currentTarget.value })}
        error={errorOf('folder')}
        disabled={isDisabled}
        dir="ltr"
        spellCheck={false}
      />
      <TextInput
        label={t('deployments.form.healthPath')}
        description={t('deployments.form.healthPathHint')}
        placeholder="/health"
        value={draft.healthPath}
        onChange={(event) => onChange({ healthPath: event.currentTarget.value })}
        error={errorOf('healthPath')}
        disabled={isDisabled}
        dir="ltr"
        spellCheck={false}
      />
      {lines('sharedFolders', 'storage')}
      {lines('sharedFiles', '.env')}
      {!isShort && (
        <>
          {number('keep')}
          {number('minutes')}
          {number('memoryMb')}
        </>
      )}
    </div>
  );
}
