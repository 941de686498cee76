import { Page } from '../../ui/Page.tsx';

export function SiteOverview() {
  return <Page title="SiteOverview">{null}</Page>;
}
