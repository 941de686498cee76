import { Page } from '../../ui/Page.tsx';

export function FirstRunPage() {
  return <Page title="FirstRunPage">{null}</Page>;
}
