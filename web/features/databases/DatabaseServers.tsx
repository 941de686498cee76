import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status } from '../../ui/Status.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { UpdateButton } from '../software/UpdateButton.tsx';
import classes from './Databases.module.css';
import type { DatabaseServer } from './databases.queries.ts';
import { engineTitles } from './engines.ts';

/** Which servers there are, how programs of this machine reach them, whether others can, and what could be installed. */
export function DatabaseServers({ servers }: { readonly servers: readonly DatabaseServer[] }) {
  return (
    <>
      <Section padding="flush">
        <ul className={classes.list}>
          {servers.map((server) => (
            <li key={server.engine} className={classes.row}>
              <ServerRow server={server} />
            </li>
          ))}
        </ul>
      </Section>
      {servers.map((server) => (
        <ServerNotice key={server.engine} server={server} />
      ))}
    </>
  );
}

function ServerRow({ server }: { readonly server: DatabaseServer }) {
  const { t } = useTranslation();
  const { engine, state, version, socketPath, port } = server;
  const can = useCan();
  const { siteScope } = useMe();
  const mayManage = can('databases.manage') && siteScope === 'all';
  return (
    <div className={classes.server}>
      <span className={classes.name}>
        <Token>{`${engineTitles[engine]} ${version ?? ''}`.trim()}</Token>
      </span>
      {state === 'missing' ? (
        <>
          <Status tone="idle">{t('databases.server.notInstalled')}</Status>
          <InstallButton name={engine} size="xs" what={engineTitles[engine]} />
        </>
      ) : state === 'running' ? (
        <Status tone="good">{t('databases.server.running')}</Status>
      ) : (
        <Status tone="bad">{t(`databases.server.${state === 'other' ? 'otherShort' : 'stoppedShort'}`)}</Status>
      )}
      {state !== 'missing' && can('software.install') && <UpdateButton name={engine} what={engineTitles[engine]} />}
      {socketPath !== null && (
        <span className={classes.place}>
          {t('databases.facts.socket')} <Token mono>{socketPath}</Token>
          <CopyButton
            value={socketPath}
            label={t('databases.copy', { what: `${t('databases.facts.socket')} ${engineTitles[engine]}` })}
          />
        </span>
      )}
      {port !== null && (
        <span className={classes.place}>
          {t('databases.facts.port')} <Token mono>{String(port)}</Token>
        </span>
      )}
      {state === 'running' && mayManage && (
        <Link to="/databases/servers/$engine" params={{ engine }} className={classes.manage}>
          {t('databaseServers.manage')}
        </Link>
      )}
    </div>
  );
}

function ServerNotice({ server: { engine, state, isOpenToNetwork } }: { readonly server: DatabaseServer }) {
  const { t } = useTranslation();
  const server = engineTitles[engine];
  if (state === 'stopped' || state === 'other')
    return (
      <Notice tone="bad" role="alert" title={t(`databases.server.${state}`, { server })}>
        {t(state === 'stopped' ? 'databases.server.stoppedText' : `databases.server.otherText.${engine}`)}
      </Notice>
    );
  if (!isOpenToNetwork) return null;
  return (
    <Notice tone="warn" title={t('databases.server.open', { server })}>
      {t(`databases.server.openText.${engine}`)}
    </Notice>
  );
}
