import { IconFilterOff, IconPlugConnected } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListeningSocket } from '#shared/processes.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { SearchField } from './SearchField.tsx';
import { socketsQuery } from './services.queries.ts';
import classes from './Services.module.css';
import { ServicesTabs } from './ServicesTabs.tsx';

/** Ports that listen on this machine, and who holds them. */
export function PortsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="services.read" title={t('services.title')}>
      <Ports />
    </NeedsPermission>
  );
}

function Ports() {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const { data, error, refetch } = useQuery(socketsQuery);
  const shown = useMemo(
    () =>
      (data?.items ?? []).filter(({ port, protocol, address, name, user, unit }) =>
        `${port}/${protocol}\n${address}\n${name ?? ''}\n${user ?? ''}\n${unit ?? ''}`.toLowerCase().includes(wanted),
      ),
    [data, wanted],
  );
  return (
    <Page title={t('services.title')} description={t('services.lead')}>
      <ServicesTabs />
      <div className={classes.bar}>
        <SearchField value={search} onChange={setSearch} />
        {data !== undefined && (
          <p className={`${classes.total} numbers`} role="status">
            {t('services.ports.count', { count: shown.length, value: format.number(shown.length) })}
          </p>
        )}
      </div>
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={6} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : shown.length === 0 ? (
          wanted === '' ? (
            <EmptyState icon={IconPlugConnected} title={t('services.ports.empty')} />
          ) : (
            <EmptyState icon={IconFilterOff} title={t('services.ports.nothing')} />
          )
        ) : (
          <table className={classes.table} data-kind="ports">
            <thead>
              <tr>
                {(['port', 'address', 'process', 'user'] as const).map((column) => (
                  <th key={column} scope="col" data-column={column}>
                    {t(`services.ports.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((socket) => (
                <PortLine key={`${socket.protocol} ${socket.address} ${socket.port} ${socket.pid}`} socket={socket} />
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </Page>
  );
}

function PortLine({ socket }: { readonly socket: ListeningSocket }) {
  const { t } = useTranslation();
  const { protocol, port, address, isLocal, name, pid, unit, user } = socket;
  const isAny = address === '0.0.0.0' || address === '::';
  return (
    <tr className={classes.row}>
      <td data-column="port">
        <span className={classes.name}>
          <Token>{`${port}/${protocol}`}</Token>
        </span>
      </td>
      <td data-column="address">
        <Token mono>{address}</Token>
        {(isLocal || isAny) && (
          <span className={classes.sub}>{t(isLocal ? 'services.ports.local' : 'services.ports.all')}</span>
        )}
      </td>
      <td data-column="process">
        {name === null ? t('services.ports.nobody') : <ForeignText max={60}>{name}</ForeignText>}
        {pid !== null && (
          <span className={classes.sub} dir="ltr">
            {unit === null ? pid : `${pid} · ${unit}`}
          </span>
        )}
      </td>
      <td data-column="user">{user === null ? '—' : <ForeignText max={32}>{user}</ForeignText>}</td>
    </tr>
  );
}
