import { notifications } from '@mantine/notifications';

/** Short confirmations. Errors of forms stand in the form; these are for actions without one. */
export function sayDone(message: string): void {
  notifications.show({ message, color: 'brand', autoClose: 3500 });
}

export function sayFailed(title: string, message: string): void {
  notifications.show({ title, message, color: 'red', autoClose: 9000 });
}
