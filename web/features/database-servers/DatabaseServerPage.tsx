import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, type ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseEngines, type DatabaseEngine } from '#shared/databases.ts';
import { useMe } from '../../api/session.ts';
import { NotFoundPage } from '../../layout/FailurePages.tsx';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { useOpenTabInView } from '../../ui/open-tab.ts';
import tabs from '../../ui/PageTabs.module.css';
import { LoadingRows } from '../../ui/States.tsx';
import { engineTitles } from '../databases/engines.ts';
import { partsOf, type ServerPart } from './server-search.ts';

const route = getRouteApi('/signed-in/databases/servers/$engine');

const parts = {
  state: lazy(async () => ({ default: (await import('./ServerState.tsx')).ServerState })),
  accounts: lazy(async () => ({ default: (await import('./Accounts.tsx')).Accounts })),
  slow: lazy(async () => ({ default: (await import('./SlowStatements.tsx')).SlowStatements })),
  settings: lazy(async () => ({ default: (await import('./ServerSettings.tsx')).ServerSettings })),
} as const satisfies Record<ServerPart, ComponentType<{ readonly engine: DatabaseEngine }>>;

/** One database server of this machine: what it is doing, who may come in and do what. */
export function DatabaseServerPage() {
  const { t } = useTranslation();
  const { engine: asked } = route.useParams();
  const { part = 'state' } = route.useSearch();
  const { siteScope } = useMe();
  const engine = databaseEngines.find((each) => each === asked);
  if (engine === undefined || siteScope !== 'all' || !partsOf(engine).includes(part)) return <NotFoundPage />;
  const title = engineTitles[engine];
  const Part: ComponentType<{ readonly engine: DatabaseEngine }> = parts[part];
  return (
    <NeedsPermission permission="databases.manage" title={title}>
      <Page
        title={title}
        description={t('databaseServers.lead')}
        back={{ to: '/databases', label: t('databases.title') }}
      >
        <ServerTabs engine={engine} open={part} />
        <Suspense fallback={<LoadingRows rows={5} />}>
          <Part key={engine} engine={engine} />
        </Suspense>
      </Page>
    </NeedsPermission>
  );
}

function ServerTabs({ engine, open }: { readonly engine: DatabaseEngine; readonly open: ServerPart }) {
  const { t } = useTranslation();
  const row = useOpenTabInView(open);
  return (
    <nav ref={row} className={tabs.tabs} aria-label={t('databaseServers.tabs.label')}>
      {partsOf(engine).map((part) => (
        <Link
          key={part}
          to="/databases/servers/$engine"
          params={{ engine }}
          search={part === 'state' ? {} : { part }}
          activeOptions={{ exact: true, includeSearch: true }}
          className={tabs.tab}
          resetScroll={false}
        >
          {t(`databaseServers.tabs.${part}`)}
        </Link>
      ))}
    </nav>
  );
}
