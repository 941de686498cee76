import { Notifications } from '@mantine/notifications';
import '@mantine/notifications/styles.css';

/** Where toasts appear: at the foot of the page, at the end of reading. */
export function Toasts() {
  return <Notifications position="bottom-right" limit={4} zIndex={400} />;
}
