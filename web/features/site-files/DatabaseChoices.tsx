import { Checkbox, Stack, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { databaseProblems } from '#shared/databases.ts';
import { fieldText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { engineTitles } from '../databases/engines.ts';
import type { SiteFilePreview } from './site-files.queries.ts';
import classes from './SiteFiles.module.css';

/** By the place of the database in the file; what is not here stays in it. */
export type ChosenDatabases = Readonly<Record<number, { readonly name: string; readonly user: string }>>;

export function areGoodNames(chosen: ChosenDatabases): boolean {
  return Object.values(chosen).every(
    ({ name, user }) => databaseProblems.name(name) === undefined && databaseProblems.user(user) === undefined,
  );
}

type DatabaseChoicesProps = {
  readonly inFile: SiteFilePreview['databases'];
  readonly chosen: ChosenDatabases;
  readonly mayManage: boolean;
  readonly said: Readonly<Record<string, string>>;
  readonly onChange: (chosen: ChosenDatabases) => void;
};

/** Which databases of the file are made anew, and what they are called here. */
export function DatabaseChoices({ inFile, chosen, mayManage, said, onChange }: DatabaseChoicesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;
  const order = Object.keys(chosen).map(Number);
  return (
    <Stack gap="sm" role="group" aria-label={t('siteFiles.databases.title')}>
      {inFile.map(({ engine, name, user, bytes }, index) => {
        const own = chosen[index];
        const at = order.indexOf(index);
        const errorOf = (field: 'name' | 'user', value: string): string | undefined => {
          const problem = value === '' ? 'required' : databaseProblems[field](value);
          return problem === undefined ? said[`databases.${at}.${field}`] : fieldText(t, problem);
        };
        const put = (more: { name?: string; user?: string }): void =>
          onChange({ ...chosen, [index]: { name, user, ...own, ...more } });
        const leave = (): void => {
          const { [index]: _, ...others } = chosen;
          onChange(others);
        };
        return (
          <div key={index} className={classes.item}>
            <Checkbox
              className={classes.name}
              label={t('siteFiles.databases.bring', { name })}
              description={`\u2068${engineTitles[engine]}\u2069 · \u2068${format.bytes(bytes)}\u2069`}
              checked={own !== undefined}
              disabled={!mayManage}
              onChange={(event) => (event.currentTarget.checked ? put({}) : leave())}
            />
            {own !== undefined && (
              <Stack gap="sm" w="100%">
                <TextInput
                  label={t('databases.fields.name')}
                  value={own.name}
                  onChange={(event) => put({ name: event.currentTarget.value })}
                  error={errorOf('name', own.name)}
                  maxLength={80}
                  {...plain}
                />
                <TextInput
                  label={t('databases.withSite.user')}
                  description={t('siteFiles.databases.userHint')}
                  value={own.user}
                  onChange={(event) => put({ user: event.currentTarget.value })}
                  error={errorOf('user', own.user)}
                  maxLength={40}
                  {...plain}
                />
              </Stack>
            )}
          </div>
        );
      })}
    </Stack>
  );
}
