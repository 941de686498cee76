/*
 * The key of each terminal that this window may enter. It lives as long as the window, so that a reload comes back to its
 * shells; the panel itself keeps none.
 */

const nameOf = (terminalId: string): string => `aapanel.terminal.${terminalId}`;

export function readKey(terminalId: string): string | null {
  return sessionStorage.getItem(nameOf(terminalId));
}

export function keepKey(terminalId: string, key: string): void {
  sessionStorage.setItem(nameOf(terminalId), key);
}

export function forgetKey(terminalId: string): void {
  sessionStorage.removeItem(nameOf(terminalId));
}
