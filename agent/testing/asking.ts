import { request, type IncomingHttpHeaders } from 'node:http';
import { request as requestSecurely } from 'node:https';

/** For tests: one request as a visitor sends it, and all of the answer. */
export type Asked = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: string };

export type Question = {
  readonly port: number;
  readonly host: string;
  /** As it stands in the request line. */
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The visitor's own address: any of 127.0.0.0/8. */
  readonly from?: string;
  /** Over TLS, whoever vouches for the certificate. */
  readonly isSecure?: boolean;
};

/** Status 0 when nobody listens. */
export async function ask({
  port,
  host,
  path = '/',
  method = 'GET',
  headers = {},
  body,
  from,
  isSecure = false,
}: Question): Promise<Asked> {
  return await new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: false };
    const more = { ...(from === undefined ? {} : { localAddress: from }), servername: host, rejectUnauthorized: false };
    const sent = (isSecure ? requestSecurely : request)({ ...options, ...more }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', () => resolve({ status: 0, headers: {}, body: '' }));
    sent.end(body);
  });
}
