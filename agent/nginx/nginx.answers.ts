import { connect as connectTcp, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { tls } from '#shared/lazy-node.ts';

/** Where nginx on this machine is asked; with `fingerprint` over TLS, and only that certificate counts (null: any). */
export type Target = {
  readonly host: string;
  readonly port: number;
  /** SHA-256 as browsers show it. */
  readonly fingerprint?: string | null;
};

const patienceMs = 1_000;
const atOnce = 4;
const hostOf = ({ host }: Target): string => host.replace(/^\*\./, 'aapanel-probe.');

/**
 * Asks nginx on this machine for a site's marker; true when the very text that carries it answered. Several requests at
 * once: for a tenth of a second after a reload nginx's old workers go on, and an idle one of them takes every single
 * connection. Only what they have no time for reaches a new worker.
 */
export async function answersMarker(target: Target, marker: string, address?: string): Promise<boolean> {
  const asked = Array.from({ length: atOnce }, async () => {
    if (!(await isAnswered(target, marker, address))) throw new Error('another text answered');
  });
  return await Promise.any(asked).then(
    () => true,
    () => false,
  );
}

async function isAnswered(target: Target, marker: string, address = '127.0.0.1'): Promise<boolean> {
  const isTls = target.fingerprint !== undefined;
  const { port } = target;
  return await new Promise((resolve) => {
    let text = '';
    const socket = open(target, address);
    const end = (): void => {
      socket.destroy();
      resolve(/^HTTP\/1\.[01] 200 /.test(text) && text.endsWith(marker));
    };
    socket.setTimeout(patienceMs, end);
    socket.on(isTls ? 'secureConnect' : 'connect', () => {
      if (isTls && !hasCertificate(socket as TLSSocket, target)) return end();
      const isUsual = port === (isTls ? 443 : 80);
      socket.write(
        `GET /.well-known/aapanel/${marker} HTTP/1.1\r\nHost: ${hostOf(target)}${isUsual ? '' : `:${port}`}\r\nConnection: close\r\n\r\n`,
      );
    });
    socket.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('latin1')).slice(0, 8_192);
      if (text.endsWith(marker) && text.includes('\r\n\r\n')) end();
    });
    socket.on('error', end);
    socket.on('end', end);
  });
}

/** True when nginx on this machine shows the target's certificate for its name. */
export async function showsCertificate(target: Target, address = '127.0.0.1'): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = open({ ...target, fingerprint: target.fingerprint ?? null }, address) as TLSSocket;
    const end = (isShown: boolean): void => {
      socket.destroy();
      resolve(isShown);
    };
    socket.setTimeout(patienceMs, () => end(false));
    socket.on('secureConnect', () => end(hasCertificate(socket, target)));
    socket.on('error', () => end(false));
  });
}

function open(target: Target, address: string): Socket | TLSSocket {
  const at = { host: address, port: target.port };
  if (target.fingerprint === undefined) return connectTcp(at);
  // Whether a browser would trust it is not the question here, only whether it is the one.
  return tls().connect({ ...at, servername: hostOf(target), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
}

function hasCertificate(socket: TLSSocket, { fingerprint }: Target): boolean {
  return fingerprint === null || socket.getPeerX509Certificate()?.fingerprint256 === fingerprint;
}
