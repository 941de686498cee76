import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestPair } from '#server/core/testing/certificates.ts';
import type { NameServer } from './name-server.ts';

export type FakeCloudflare = {
  readonly api: string;
  /** Methods and paths that were asked, in order. */
  readonly asked: string[];
  stop(): void;
};

type Record_ = { readonly id: string; name: string; content: string; type: string; ttl: number };

/**
 * For tests: the part of Cloudflare's API (version 4) that proofs need, as its documentation has it: envelopes, errors by
 * code, zones by name, records by type and name. What is written is put into a real name server.
 */
export async function startFakeCloudflare(
  { certificate, key }: TestPair,
  { zone, token, names }: { readonly zone: string; readonly token: string; readonly names: NameServer },
): Promise<FakeCloudflare> {
  const asked: string[] = [];
  const zoneId = '023e105f4ecef8ad9ca31a8372d0c353';
  const base = `/client/v4/zones/${zoneId}/dns_records`;
  const records = new Map<string, Record_>();
  let count = 0;

  type Answer = { readonly status: number; readonly result: unknown; readonly error?: readonly [number, string] };
  async function answer(method: string, url: URL, text: string, authorization: string | undefined): Promise<Answer> {
    if (authorization !== `Bearer ${token}`)
      return { status: 403, result: null, error: [9109, 'Invalid access token'] };
    const { pathname, searchParams } = url;
    if (method === 'GET' && pathname === '/client/v4/zones') {
      const found = searchParams.get('name') === zone ? [{ id: zoneId, name: zone, status: 'active' }] : [];
      return { status: 200, result: found };
    }
    if (method === 'GET' && pathname === base) {
      const found = [...records.values()].filter(({ name }) => name === searchParams.get('name'));
      return { status: 200, result: found };
    }
    if (method === 'POST' && pathname === base) {
      const given = JSON.parse(text) as Omit<Record_, 'id'>;
      if ([...records.values()].some((each) => each.name === given.name && each.content === given.content))
        return { status: 400, result: null, error: [81_058, 'An identical record already exists.'] };
      const id = String(++count).padStart(32, '0');
      records.set(id, { id, ...given });
      await names.update(`update add ${given.name}. ${given.ttl} IN TXT ${given.content}`);
      return { status: 200, result: { id, ...given } };
    }
    const record = records.get(pathname.slice(base.length + 1));
    if (method !== 'DELETE' || record === undefined)
      return { status: 404, result: null, error: [81_044, 'Record does not exist.'] };
    records.delete(record.id);
    await names.update(`update delete ${record.name}. IN TXT ${record.content}`);
    return { status: 200, result: { id: record.id } };
  }

  const server = createServer({ cert: certificate, key }, (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push(`${method} ${url}`);
    let text = '';
    request.setEncoding('utf8').on('data', (part: string) => (text += part));
    request.on('end', () => {
      void answer(method, new URL(url, 'https://localhost'), text, headers.authorization).then(
        ({ status, result, error }) => {
          const errors = error === undefined ? [] : [{ code: error[0], message: error[1] }];
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ success: error === undefined, errors, messages: [], result }));
        },
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { api: `https://localhost:${port}/client/v4`, asked, stop: () => void server.close() };
}
