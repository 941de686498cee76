import { Avatar } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { roleTitle } from '../../ui/permission-texts.ts';
import { FactorMarks } from './FactorMarks.tsx';
import classes from './PeopleTable.module.css';
import { PersonState } from './PersonState.tsx';
import { shownPerson } from './person-state.ts';

/** Everybody, one line each; a line opens the account beside the list. */
export function PeopleTable({ people }: { readonly people: readonly PersonRow[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {(['person', 'role', 'state', 'factors', 'lastSeen'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`people.list.${column}`)}
            </th>
          ))}
          <td aria-hidden />
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <PersonLine key={person.id} person={person} />
        ))}
      </tbody>
    </table>
  );
}

function PersonLine({ person }: { readonly person: PersonRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const name = shownPerson(person);
  const { lastSeenAt, sessionCount } = person;
  return (
    <tr className={classes.row} data-off={person.isDisabled || undefined}>
      <td className={classes.person}>
        <Avatar size={34} radius="xl" color={person.isDisabled ? 'gray' : 'brand'} aria-hidden>
          {name.trim().charAt(0).toLocaleUpperCase()}
        </Avatar>
        <span className={classes.names}>
          <Link
            from="/people"
            to="/people"
            search={(before) => ({ ...before, person: person.id })}
            className={classes.name}
            aria-label={t('people.list.open', { name })}
            resetScroll={false}
          >
            <bdi>{name}</bdi>
          </Link>
          <span className={classes.sub}>
            <bdi dir="ltr">{person.name}</bdi>
            {person.id === me.person.id && <span className={classes.you}>{t('people.you')}</span>}
          </span>
        </span>
      </td>
      <td className={classes.role}>
        <bdi>{roleTitle(t, person.role, person.roleName)}</bdi>
      </td>
      <td className={classes.state}>
        <PersonState person={person} />
      </td>
      <td className={classes.factors}>
        <FactorMarks person={person} />
      </td>
      <td className={classes.seen}>
        {lastSeenAt === null ? (
          t('people.list.never')
        ) : (
          <time dateTime={lastSeenAt} title={format.dateTime(lastSeenAt)}>
            {format.ago(lastSeenAt)}
          </time>
        )}
        {sessionCount > 0 && (
          <span className={classes.note}>
            {t('people.list.sessions', { count: sessionCount, value: format.number(sessionCount) })}
          </span>
        )}
      </td>
      <td className={classes.end}>
        <IconChevronRight size={16} className="mirrored" aria-hidden />
      </td>
    </tr>
  );
}
