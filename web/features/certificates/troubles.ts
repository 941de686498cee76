import { certificatesApi } from '#shared/certificates.ts';
import type { ResponseOf } from '#shared/http.ts';
import { call } from '../../api/client.ts';

/** Certificates that something stands against, for the bell. */
export async function fetchTroubles(signal: AbortSignal): Promise<ResponseOf<typeof certificatesApi.troubles>> {
  return await call(certificatesApi.troubles, { signal });
}
