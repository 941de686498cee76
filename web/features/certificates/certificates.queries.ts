import { keepPreviousData, queryOptions, useMutation, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { certificateProofsApi } from '#shared/certificate-proofs.ts';
import type { RevocationReason } from '#shared/certificate-revocation.ts';
import { certificatesApi, type Certificate } from '#shared/certificates.ts';
import { dnsAccountsApi, type DnsAccountBody } from '#shared/dns-accounts.ts';
import type { BodyInputOf, ResponseOf } from '#shared/http.ts';
import { sitesApi } from '#shared/sites.ts';
import { tlsChecksApi } from '#shared/tls-check.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';

export type { Certificate } from '#shared/certificates.ts';
export type SiteTlsState = ResponseOf<typeof sitesApi.tls>;
export type IssueBody = BodyInputOf<typeof sitesApi.issueCertificate>;
export type ImportBody = BodyInputOf<typeof certificatesApi.import>;

const pageSize = 200;

export function certificatesQuery(search: string) {
  return queryOptions({
    queryKey: ['certificates', search],
    queryFn: ({ signal }) =>
      call(certificatesApi.list, { query: { pageSize, ...(search === '' ? {} : { search }) }, signal }),
    placeholderData: keepPreviousData,
  });
}

export function siteTlsQuery(siteId: string) {
  return queryOptions({
    queryKey: ['site', siteId, 'tls'],
    queryFn: ({ signal }) => call(sitesApi.tls, { params: { siteId }, signal }),
  });
}

async function readAnew(client: QueryClient): Promise<void> {
  await Promise.all([
    client.invalidateQueries({ queryKey: ['certificates'] }),
    client.invalidateQueries({ queryKey: ['site'] }),
  ]);
}

/** A new one, or another pair in the place of one. */
export function usePutCertificate(replaced: Certificate | null) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ name, certificate, key }: ImportBody) =>
      replaced === null
        ? call(certificatesApi.import, {
            body: { name: name ?? '', certificate, key },
            idempotencyKey: newIdempotencyKey(),
          })
        : call(certificatesApi.replace, { params: { certificateId: replaced.id }, body: { certificate, key } }),
    onSuccess: () => void readAnew(client),
  });
}

/** Elevated. */
export function useWatchFiles() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof certificatesApi.watch>) =>
      call(certificatesApi.watch, { body, idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => void readAnew(client),
  });
}

export function useRemoveCertificate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (certificateId: string) => call(certificatesApi.remove, { params: { certificateId } }),
    onSettled: () => void readAnew(client),
  });
}

export function useReadChain() {
  return useMutation({
    mutationFn: async (certificateId: string) => (await call(certificatesApi.get, { params: { certificateId } })).chain,
  });
}

export function useExportKey() {
  return useMutation({
    mutationFn: async (certificateId: string) =>
      (await call(certificatesApi.exportKey, { params: { certificateId } })).key,
  });
}

export function useRenewCertificate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (certificateId: string) => call(certificatesApi.renew, { params: { certificateId } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['jobs'] }),
  });
}

/** Elevated. */
export function useRevokeCertificate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ certificateId, reason }: { readonly certificateId: string; readonly reason: RevocationReason }) =>
      call(certificatesApi.revoke, { params: { certificateId }, body: { reason } }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['jobs'] });
      void readAnew(client);
    },
  });
}

export function useIssueCertificate() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ siteId, body }: { readonly siteId: string; readonly body: IssueBody }) =>
      call(sitesApi.issueCertificate, { params: { siteId }, body, idempotencyKey: newIdempotencyKey() }),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['jobs'] });
      void client.invalidateQueries({ queryKey: ['certificate-proofs'] });
    },
  });
}

const waitingEveryMs = 3_000;

/** Orders of a site that wait for records. `isOpen`: one is under way, so look again. */
export function waitingProofsQuery(siteId: string, isOpen: boolean) {
  return queryOptions({
    queryKey: ['certificate-proofs', siteId],
    queryFn: ({ signal }) => call(certificateProofsApi.list, { params: { siteId }, signal }),
    refetchInterval: ({ state }) => (isOpen || (state.data?.items.length ?? 0) > 0 ? waitingEveryMs : false),
  });
}

export function useLookForProof(siteId: string) {
  return useProofChange((orderId) => call(certificateProofsApi.look, { params: { siteId, orderId } }));
}

export function useCancelProof(siteId: string) {
  return useProofChange((orderId) => call(certificateProofsApi.cancel, { params: { siteId, orderId } }));
}

function useProofChange(change: (orderId: string) => Promise<void>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => void client.invalidateQueries({ queryKey: ['certificate-proofs'] }),
  });
}

export const dnsAccountsQuery = queryOptions({
  queryKey: ['dns-accounts'],
  queryFn: ({ signal }) => call(dnsAccountsApi.list, { signal }),
});

export function usePutDnsAccount(accountId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: DnsAccountBody) => call(dnsAccountsApi.put, { params: { accountId }, body }),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['dns-accounts'] }),
  });
}

export function useRemoveDnsAccount() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (accountId: string) => call(dnsAccountsApi.remove, { params: { accountId } }),
    onSettled: () => void client.invalidateQueries({ queryKey: ['dns-accounts'] }),
  });
}

/** Of any public host. */
export function useCheckHost() {
  return useMutation({
    mutationFn: (body: BodyInputOf<typeof tlsChecksApi.checkHost>) => call(tlsChecksApi.checkHost, { body }),
  });
}

export function useCheckSite() {
  return useMutation({ mutationFn: (siteId: string) => call(tlsChecksApi.checkSite, { params: { siteId } }) });
}

/** After a job has changed a site and the shelf. */
export function useReadTlsAnew(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(() => readAnew(client), [client]);
}
