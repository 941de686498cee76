import { Page } from '../../ui/Page.tsx';

export function SiteDelete() {
  return <Page title="SiteDelete">{null}</Page>;
}
