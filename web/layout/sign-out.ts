import { accountsApi } from '#shared/accounts.ts';
import { call } from '../api/client.ts';

/** Ends the session and forgets everything this page knew by loading it anew. */
export async function signOut(): Promise<void> {
  await call(accountsApi.signOut, {}).catch(() => undefined);
  location.assign('/sign-in');
}
