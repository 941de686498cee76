import { Timeline } from '../history/Timeline.tsx';
import { useSite } from './site-context.ts';

/** Every change of this site. */
export function SiteHistory() {
  const { id } = useSite();
  return <Timeline siteId={id} />;
}
