import { Page } from '../../ui/Page.tsx';

export function SiteHistory() {
  return <Page title="SiteHistory">{null}</Page>;
}
