import { backupsApi } from '#shared/backups-api.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

/** What stands against the backups, for the bell. */
export async function fetchTroubles(signal: AbortSignal): Promise<ResponseOf<typeof backupsApi.troubles>> {
  return await call(backupsApi.troubles, { signal });
}
