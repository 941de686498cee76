import i18next from 'i18next';

/** Shown by the shell; loaded with the first toast. */
export type Toast = {
  readonly title?: string;
  readonly message: string;
  readonly color: string;
  readonly autoClose: number;
};

/** Short confirmations. Errors of forms stand in the form; these are for actions without one. */
export function sayDone(message: string): void {
  show({ message, color: 'brand', autoClose: 3500 });
}

/** An empty message: the person took the wish back and knows it. */
export function sayFailed(title: string, message: string): void {
  if (message === '') return;
  show({ title, message, color: 'red', autoClose: 9000 });
}

let isWanted: () => void = () => undefined;
/** The shell puts the place for toasts on the page when this is called. */
export function whenToastsAreWanted(callback: () => void): void {
  isWanted = callback;
}

function show(toast: Toast): void {
  isWanted();
  const closeButtonProps = { 'aria-label': i18next.t('common.actions.close') };
  void import('@mantine/notifications').then(({ notifications }) => notifications.show({ ...toast, closeButtonProps }));
}
