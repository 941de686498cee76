import { Link, useLocation } from '@tanstack/react-router';
import { useOpenTabInView } from './open-tab.ts';
import classes from './PageTabs.module.css';

type PageTabsProps<To extends string> = {
  readonly label: string;
  readonly tabs: readonly { readonly to: To; readonly label: string }[];
};

/** The parts of one place; each is a page with an address of its own. */
export function PageTabs<
  To extends
    | '/people'
    | '/people/roles'
    | '/services'
    | '/services/processes'
    | '/services/ports'
    | '/services/updates'
    | '/services/machine'
    | '/backups'
    | '/backups/sets'
    | '/backups/runs'
    | '/backups/alerts'
    | '/backups/keys',
>({ label, tabs }: PageTabsProps<To>) {
  const row = useOpenTabInView(useLocation().pathname);
  return (
    <nav ref={row} className={classes.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to}
          activeOptions={{ exact: true, includeSearch: false }}
          className={classes.tab}
          resetScroll={false}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
