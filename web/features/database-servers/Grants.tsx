import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  grantable,
  grantPresets,
  presetOf,
  presetRights,
  type GrantLevel,
  type Privilege,
} from '#shared/database-servers.ts';
import type { DatabaseEngine } from '#shared/databases.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useSetGrant, type AccountGrant, type DatabaseAccount } from './database-servers.queries.ts';
import classes from './DatabaseServers.module.css';

type GrantsProps = {
  readonly engine: DatabaseEngine;
  readonly account: DatabaseAccount;
  readonly grants: readonly AccountGrant[];
  readonly databases: readonly string[];
};

const levelOf = ({ table }: Pick<AccountGrant, 'table'>): GrantLevel => (table === null ? 'database' : 'table');

/** The matrix of one account: a row for each database or table, with what it may do there. */
export function Grants({ engine, account, grants, databases }: GrantsProps) {
  const { t } = useTranslation();
  return (
    <section>
      <h3 className={classes.heading}>{t('databaseServers.grants.title')}</h3>
      {grants.length === 0 ? (
        <p className={classes.soft}>{t('databaseServers.grants.none')}</p>
      ) : (
        <ul className={classes.list}>
          {grants.map((grant) => (
            <li key={JSON.stringify([grant.database, grant.table])} className={classes.grant}>
              <GrantRow engine={engine} account={account} grant={grant} />
            </li>
          ))}
        </ul>
      )}
      {!account.isSystem && <NewGrant engine={engine} account={account} grants={grants} databases={databases} />}
    </section>
  );
}

type Choice = (typeof grantPresets)[number] | 'custom';

function GrantRow({ engine, account, grant }: Pick<GrantsProps, 'account' | 'engine'> & { grant: AccountGrant }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetGrant(engine, account.id);
  const level = levelOf(grant);
  const now = presetOf(engine, level, grant.privileges);
  const [isCustom, setIsCustom] = useState(false);
  const isFixed = account.isSystem || !grant.isEditable;
  const place = grant.table === null ? grant.database : `${grant.database} · ${grant.table}`;
  const send = (privileges: readonly Privilege[], canGrant = grant.canGrant): void => {
    const { database, table } = grant;
    finish(
      set,
      { database, table, privileges: [...privileges], canGrant: canGrant && privileges.length > 0 },
      {
        onSuccess: () => {
          setIsCustom(false);
          sayDone(t('databaseServers.grants.changed', { place }));
        },
        onError: (error) => {
          const text = errorText(error);
          if (text !== '') sayFailed(t('databaseServers.notChanged'), text);
        },
      },
    );
  };
  const choose = (choice: string): void => {
    if (choice === 'custom') return setIsCustom(true);
    setIsCustom(false);
    const preset = grantPresets.find((each) => each === choice);
    if (preset !== undefined && preset !== now) send(presetRights(engine, level, preset));
  };
  return (
    <>
      <div className={classes.grantHead}>
        <span className={classes.place}>
          {grant.database === '*' ? t('databaseServers.grants.server') : <ForeignText mono>{place}</ForeignText>}
          {grant.canGrant && grant.isEditable && (
            <span className={classes.soft}>{t('databaseServers.grants.mayGrant')}</span>
          )}
        </span>
        {isFixed ? (
          <span className={classes.soft}>
            {grant.database === '*'
              ? t('databaseServers.grants.serverText')
              : t(`databaseServers.grants.presets.${now}`)}
          </span>
        ) : (
          <NativeSelect
            size="xs"
            aria-label={t('databaseServers.grants.of', { place })}
            value={isCustom ? 'custom' : now}
            disabled={set.isPending}
            onChange={(event) => choose(event.currentTarget.value)}
            data={[...grantPresets, 'custom' as const].map((value: Choice) => ({
              value,
              label: t(`databaseServers.grants.presets.${value}`),
            }))}
          />
        )}
      </div>
      {!isFixed && (isCustom || now === 'custom') && (
        <CustomRights engine={engine} grant={grant} isBusy={set.isPending} onSave={send} />
      )}
    </>
  );
}

type CustomRightsProps = {
  readonly engine: DatabaseEngine;
  readonly grant: AccountGrant;
  readonly isBusy: boolean;
  readonly onSave: (privileges: readonly Privilege[], canGrant: boolean) => void;
};

/** Each right by itself. */
function CustomRights({ engine, grant, isBusy, onSave }: CustomRightsProps) {
  const { t } = useTranslation();
  const all: readonly Privilege[] = grantable[levelOf(grant)][engine];
  const [chosen, setChosen] = useState<readonly string[]>(grant.privileges);
  const [canGrant, setCanGrant] = useState(grant.canGrant);
  return (
    <Stack gap="sm" className={classes.custom}>
      <div className={classes.rights}>
        {all.map((each) => (
          <Checkbox
            key={each}
            size="xs"
            label={<bdi dir="ltr">{each}</bdi>}
            checked={chosen.includes(each)}
            onChange={(event) =>
              setChosen(event.currentTarget.checked ? [...chosen, each] : chosen.filter((other) => other !== each))
            }
          />
        ))}
      </div>
      <Checkbox
        size="xs"
        label={t('databaseServers.grants.option')}
        checked={canGrant}
        onChange={(event) => setCanGrant(event.currentTarget.checked)}
      />
      {canGrant && (
        <Notice tone="warn" title={t('databaseServers.grants.optionTitle')}>
          {t('databaseServers.grants.optionText')}
        </Notice>
      )}
      <Group>
        <Button
          size="xs"
          loading={isBusy}
          onClick={() =>
            onSave(
              all.filter((each) => chosen.includes(each)),
              canGrant,
            )
          }
        >
          {t('databaseServers.grants.save')}
        </Button>
      </Group>
    </Stack>
  );
}

/** Rights on a database, or on one table of it, that the account has none on yet. */
function NewGrant({ engine, account, grants, databases }: GrantsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetGrant(engine, account.id);
  const [database, setDatabase] = useState('');
  const [table, setTable] = useState('');
  const [preset, setPreset] = useState<'all' | 'read' | 'write'>('read');
  const taken = new Set(grants.flatMap((grant) => (grant.table === null ? [grant.database] : [])));
  const free = table === '' ? databases.filter((name) => !taken.has(name)) : databases;
  if (databases.length === 0) return null;
  const isChosen = free.includes(database);
  const send = (): void =>
    finish(
      set,
      {
        database,
        table: table === '' ? null : table,
        privileges: [...presetRights(engine, table === '' ? 'database' : 'table', preset)],
      },
      {
        onSuccess: () => {
          sayDone(t('databaseServers.grants.changed', { place: database }));
          setDatabase('');
          setTable('');
        },
        onError: (error) => {
          const text = errorText(error);
          if (text !== '') sayFailed(t('databaseServers.notChanged'), text);
        },
      },
    );
  return (
    <div className={classes.newGrant}>
      <NativeSelect
        label={t('databaseServers.grants.database')}
        value={isChosen ? database : ''}
        onChange={(event) => setDatabase(event.currentTarget.value)}
        data={[
          { value: '', label: t('databaseServers.grants.choose') },
          ...free.map((name) => ({ value: name, label: name })),
        ]}
      />
      <TextInput
        label={t('databaseServers.grants.table')}
        placeholder={t('databaseServers.grants.wholeDatabase')}
        value={table}
        onChange={(event) => setTable(event.currentTarget.value)}
        dir="ltr"
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
      />
      <NativeSelect
        label={t('databaseServers.grants.may')}
        value={preset}
        onChange={(event) =>
          setPreset((['read', 'write', 'all'] as const).find((each) => each === event.currentTarget.value) ?? 'read')
        }
        data={(['read', 'write', 'all'] as const).map((value) => ({
          value,
          label: t(`databaseServers.grants.presets.${value}`),
        }))}
      />
      <Button variant="default" disabled={!isChosen} loading={set.isPending} onClick={send}>
        {t('databaseServers.grants.add')}
      </Button>
    </div>
  );
}
