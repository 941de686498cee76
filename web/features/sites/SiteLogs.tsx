import { Page } from '../../ui/Page.tsx';

export function SiteLogs() {
  return <Page title="SiteLogs">{null}</Page>;
}
