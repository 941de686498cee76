import { Skeleton } from '@mantine/core';
import { IconArrowsExchange, IconBrandPhp, IconRocket, IconWorld } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteColumn } from '#shared/site-columns.ts';
import { formatDomain, type ListedSite } from '#shared/sites.ts';
import { ChooseSite } from './batch/ChooseSite.tsx';
import { ColumnCell } from './columns/ColumnCell.tsx';
import type { FittingColumns } from './columns/fitting-columns.ts';
import { DomainName, readableDomain } from '../../ui/DomainName.tsx';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { shownName } from './site-names.ts';
import { SiteMenu } from './SiteMenu.tsx';
import { SiteState } from './SiteState.tsx';
import { SiteSwitch } from './SiteSwitch.tsx';
import classes from './SitesTable.module.css';

const kindIcons = { static: IconWorld, app: IconRocket, php: IconBrandPhp, proxy: IconArrowsExchange } as const;

type SiteRowProps = {
  readonly site: ListedSite | undefined;
  /** Which columns there are; the same object until that changes. */
  readonly columns: FittingColumns;
  readonly isMeasuring: boolean;
};

/** The cells of one site; grey shapes while its page is on the way. Drawn anew only when the site changes: scrolling is smooth. */
export const SiteRow = memo(function SiteRow({ site, columns, isMeasuring }: SiteRowProps) {
  if (site === undefined) {
    return (
      <div role="cell" className={`${classes.siteCell} ${classes.coming}`}>
        <div className={classes.site}>
          <Skeleton height={36} width={36} radius="md" />
          <Skeleton height={14} width="40%" radius="sm" />
        </div>
      </div>
    );
  }
  const KindIcon = kindIcons[site.kind];
  const { shown, below } = columns;
  const cell = (column: SiteColumn) => (
    <div key={column} role="cell" className={classes[column] ?? classes.cell}>
      <ColumnCell site={site} column={column} isMeasuring={isMeasuring} />
    </div>
  );
  return (
    <>
      <div role="cell" className={classes.choose}>
        <span className={classes.control}>
          <ChooseSite site={site} />
        </span>
      </div>
      <div role="cell" className={classes.siteCell}>
        <div className={classes.site}>
          <span className={classes.mark} data-off={!site.isEnabled || undefined}>
            <KindIcon size={19} stroke={1.6} aria-hidden />
          </span>
          <div className={classes.names}>
            <Link
              to="/sites/$siteId"
              params={{ siteId: site.id }}
              className={classes.name}
              dir="auto"
              data-site-link=""
            >
              <SiteTitle name={shownName(site)} />
            </Link>
            <SecondLine site={site} />
          </div>
        </div>
      </div>
      {shown.includes('kind') && cell('kind')}
      <div role="cell" className={classes.state}>
        <SiteState site={site} withReason />
      </div>
      {shown.filter((column) => column !== 'kind' && column !== 'updatedAt').map(cell)}
      <div role="cell" className={classes.enabled}>
        <span className={classes.control}>
          <SiteSwitch site={site} />
        </span>
      </div>
      {shown.includes('updatedAt') && cell('updatedAt')}
      <div role="cell" className={classes.menu}>
        <span className={classes.control}>
          <SiteMenu site={site} />
        </span>
      </div>
      {below.length > 0 && <Below site={site} columns={below} isMeasuring={isMeasuring} />}
    </>
  );
});

/** Columns without a place of their own: each with its name. */
function Below({
  site,
  columns,
  isMeasuring,
}: {
  readonly site: ListedSite;
  readonly columns: readonly SiteColumn[];
  readonly isMeasuring: boolean;
}) {
  const { t } = useTranslation();
  return (
    <div role="cell" className={classes.below}>
      <dl className={classes.facts}>
        {columns.map((column) => (
          <div key={column}>
            <dt>{t(`siteColumns.short.${column}`)}</dt>
            <dd>
              <ColumnCell site={site} column={column} isMeasuring={isMeasuring} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The domains that the name does not say already; without any, what the site serves. */
function SecondLine({ site }: { readonly site: ListedSite }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [first] = site.domains;
  const isNamedAfterFirst = first !== undefined && site.name === formatDomain(first);
  const domains = isNamedAfterFirst ? site.domains.slice(1) : site.domains;
  const more = domains.length - 2;
  return (
    <div className={classes.domains}>
      {domains.slice(0, 2).map((domain) => (
        <span
          key={formatDomain(domain)}
          dir="ltr"
          data-foreign={readableDomain(domain) !== formatDomain(domain) || undefined}
        >
          <DomainName domain={domain} />
        </span>
      ))}
      {more > 0 && (
        <span className={classes.more}>{t('sites.list.more', { count: more, value: format.number(more) })}</span>
      )}
      {domains.length === 0 && (
        <span dir="ltr">
          <Token>{site.upstream?.url ?? site.root}</Token>
        </span>
      )}
    </div>
  );
}
