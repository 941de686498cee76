import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { Status } from '../../ui/Status.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './Databases.module.css';
import type { DatabaseServer } from './databases.queries.ts';

/** Which server there is, how programs of this machine reach it, and whether others can. */
export function DatabaseServerFacts({ server }: { readonly server: DatabaseServer }) {
  const { t } = useTranslation();
  if (server.state === 'stopped' || server.state === 'other' || server.state === 'missing')
    return (
      <Notice tone="bad" role="alert" title={t(`databases.server.${server.state}`)}>
        {t(`databases.server.${server.state}Text`)}
      </Notice>
    );
  return (
    <>
      <Section>
        <div className={classes.server}>
          <span className={classes.name}>
            <Token>{`MariaDB ${server.version ?? ''}`}</Token>
          </span>
          <Status tone="good">{t('databases.server.running')}</Status>
          {server.socketPath !== null && (
            <span className={classes.place}>
              {t('databases.facts.socket')} <Token mono>{server.socketPath}</Token>
              <CopyButton value={server.socketPath} label={t('databases.copySocket')} />
            </span>
          )}
          {server.port !== null && (
            <span className={classes.place}>
              {t('databases.facts.port')} <Token mono>{String(server.port)}</Token>
            </span>
          )}
        </div>
      </Section>
      {server.isOpenToNetwork && (
        <Notice tone="warn" title={t('databases.server.open')}>
          {t('databases.server.openText')}
        </Notice>
      )}
    </>
  );
}
