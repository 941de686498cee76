import { Page } from '../../ui/Page.tsx';

export function SiteConfiguration() {
  return <Page title="SiteConfiguration">{null}</Page>;
}
