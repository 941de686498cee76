import { Button } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Databases.module.css';
import { useShowPassword, type Database, type DatabaseServer } from './databases.queries.ts';

type ConnectionProps = {
  readonly database: Database & { readonly id: string };
  readonly server: DatabaseServer | undefined;
  /** One that was just given. */
  readonly password?: string | null;
};

/** What an application is given to reach its database. The password is shown after a fresh factor. */
export function Connection({ database: { id, engine, name, user }, server, password = null }: ConnectionProps) {
  const { t } = useTranslation();
  const facts = [
    // By name, clients of MariaDB take the socket. PostgreSQL goes by the Unix account there, so it is the address.
    { key: 'host', value: engine === 'mariadb' ? 'localhost' : '127.0.0.1' },
    ...(server?.port == null ? [] : [{ key: 'port', value: String(server.port) } as const]),
    ...(server?.socketPath == null ? [] : [{ key: 'socket', value: server.socketPath } as const]),
    { key: 'name', value: name },
    { key: 'user', value: user ?? '' },
  ] as const;
  return (
    <dl className={classes.facts}>
      {facts.map(({ key, value }) => (
        <Fact key={key} label={t(`databases.facts.${key}`)}>
          <Token mono>{value}</Token>
          <CopyButton value={value} label={t('databases.copy', { what: t(`databases.facts.${key}`) })} />
        </Fact>
      ))}
      <Fact label={t('databases.facts.password')}>
        <Password key={password ?? ''} databaseId={id} given={password} />
      </Fact>
    </dl>
  );
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Password({ databaseId, given }: { readonly databaseId: string; readonly given: string | null }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('databases.manage');
  const show = useShowPassword(databaseId);
  const [shown, setShown] = useState(given);
  if (shown !== null)
    return (
      <>
        <Token mono>{shown}</Token>
        <CopyButton value={shown} label={t('databases.copy', { what: t('databases.facts.password') })} />
      </>
    );
  return (
    <WhyNot reason={!mayManage}>
      <Button
        variant="default"
        size="xs"
        disabled={!mayManage}
        loading={show.isPending}
        leftSection={<IconEye size={15} aria-hidden />}
        onClick={() =>
          finish(show, undefined, {
            onSuccess: setShown,
            onError: (error) => {
              const text = errorText(error);
              // Whoever closes the question for a factor knows that.
              if (text !== '') sayFailed(t('databases.showFailed'), text);
            },
          })
        }
      >
        {t('databases.showPassword')}
      </Button>
    </WhyNot>
  );
}
