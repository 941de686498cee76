/** As `userName` of shared/accounts.ts, which carries zod and so stays out of the browser. The panel has the last word. */
export function isUserName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{2,31}$/.test(text.trim().toLowerCase());
}
