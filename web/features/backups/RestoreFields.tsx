import { Checkbox, Stack, TextInput } from '@mantine/core';
import { IconFolderPlus, IconReplace } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupSet } from '#shared/backups.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import { Cards } from './Cards.tsx';
import classes from './Forms.module.css';
import { PartLabel } from './PartLabel.tsx';
import { chosenParts, type RestoreDraft, type RestoreProblem, type RestoreWish } from './restore-draft.ts';

type RestoreFieldsProps = {
  readonly set: BackupSet;
  readonly wish: RestoreWish;
  readonly draft: RestoreDraft;
  readonly problem: RestoreProblem | null;
  readonly onChange: (change: Partial<RestoreDraft>) => void;
};

/** What comes back, and where to. */
export function RestoreFields({ set, wish, draft, problem, onChange }: RestoreFieldsProps) {
  const { t } = useTranslation();
  const parts = chosenParts(set, draft);
  const hasTree = parts.some(({ kind }) => kind === 'tree');
  const hasDump = parts.some(({ kind }) => kind === 'dump');
  const names = set.parts.map(({ name }) => name);
  const isAll = draft.parts.length === names.length;
  const part = draft.parts[0];
  return (
    <>
      {wish.member === null ? (
        <fieldset className={classes.choice}>
          <legend className={classes.question}>{t('backups.restore.parts')}</legend>
          <Stack gap="sm" mt={10}>
            {names.length > 1 && (
              <Checkbox
                checked={isAll}
                indeterminate={!isAll && draft.parts.length > 0}
                onChange={() => onChange({ parts: isAll ? [] : names })}
                label={t('backups.restore.allParts')}
              />
            )}
            {names.map((name) => (
              <Checkbox
                key={name}
                checked={draft.parts.includes(name)}
                onChange={() =>
                  onChange({ parts: names.filter((each) => draft.parts.includes(each) !== (each === name)) })
                }
                label={<PartLabel name={name} />}
              />
            ))}
          </Stack>
          {problem === 'noParts' && (
            <p className={classes.error} role="alert">
              {t('backups.restore.noParts')}
            </p>
          )}
        </fieldset>
      ) : (
        <div className={classes.member}>
          {part !== undefined && <PartLabel name={part} />}
          <Token mono>{wish.member}</Token>
        </div>
      )}
      <div>
        <Cards
          label={t('backups.restore.way')}
          value={draft.way}
          options={[
            {
              value: 'aside',
              label: t('backups.restore.aside'),
              text: t('backups.restore.asideText'),
              icon: IconFolderPlus,
            },
            {
              value: 'in_place',
              label: t('backups.restore.inPlace'),
              text: t('backups.restore.inPlaceText'),
              icon: IconReplace,
            },
          ]}
          onChange={(way) => onChange({ way })}
        />
        {draft.way === 'aside' && (hasTree || hasDump) && (
          <div className={`${classes.fields} ${classes.below}`}>
            {hasTree && (
              <TextInput
                className={classes.mono ?? ''}
                label={t('backups.restore.path')}
                description={t('backups.restore.pathHint')}
                value={draft.path}
                onChange={(event) => onChange({ path: event.currentTarget.value })}
                error={problem === 'path' ? t('backups.set.pathError') : undefined}
                dir="ltr"
                autoComplete="off"
                spellCheck={false}
              />
            )}
            {hasDump && (
              <TextInput
                className={classes.mono ?? ''}
                label={t('backups.restore.database')}
                description={t('backups.restore.databaseHint')}
                value={draft.databaseName}
                onChange={(event) => onChange({ databaseName: event.currentTarget.value })}
                error={problem === 'database' ? t('backups.restore.databaseInvalid') : undefined}
                dir="ltr"
                maxLength={63}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
              />
            )}
            {problem === 'manyDumps' && (
              <Notice tone="bad" role="alert">
                {t('backups.restore.onlyOneDump')}
              </Notice>
            )}
          </div>
        )}
      </div>
    </>
  );
}
