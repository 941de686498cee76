import { Page } from '../../ui/Page.tsx';

export function SitesPage() {
  return <Page title="SitesPage">{null}</Page>;
}
