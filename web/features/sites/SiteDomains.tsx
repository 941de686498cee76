import { Page } from '../../ui/Page.tsx';

export function SiteDomains() {
  return <Page title="SiteDomains">{null}</Page>;
}
