import { Page } from '../../ui/Page.tsx';

export function SoftwarePage() {
  return <Page title="SoftwarePage">{null}</Page>;
}
