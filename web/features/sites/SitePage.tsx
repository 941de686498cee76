import { Page } from '../../ui/Page.tsx';

export function SitePage() {
  return <Page title="SitePage">{null}</Page>;
}
