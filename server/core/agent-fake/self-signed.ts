import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { Pair } from '#shared/certificate-pair.ts';

/*
 * For the fake agent: a self-signed certificate made without a tool, so that a panel on a laptop can show what an order
 * brings. DER by hand: a handful of tags is all that X.509 needs.
 */

const day = 24 * 60 * 60 * 1000;

function tag(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([type, ...length]), body]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tag(0x30, ...parts);
const oid = (hex: string): Buffer => tag(0x06, Buffer.from(hex, 'hex'));
const ecdsaWithSha256 = (): Buffer => sequence(oid('2a8648ce3d040302'));
const time = (at: number): Buffer =>
  tag(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`));
const nameOf = (text: string): Buffer =>
  sequence(tag(0x31, sequence(oid('550403'), tag(0x0c, Buffer.from(text.slice(0, 64))))));

/** ECDSA P-256, 90 days from now, by `issuer` in name only. */
export function fakePair(hosts: readonly string[]): Pair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const now = Date.now();
  const names = sequence(...hosts.map((host) => tag(0x82, Buffer.from(host))));
  const serial = randomBytes(8);
  serial[0] = 0x40;
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, serial),
    ecdsaWithSha256(),
    nameOf('Fake authority'),
    sequence(time(now - day), time(now + 89 * day)),
    nameOf(hosts[0] ?? 'nobody'),
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, sequence(sequence(oid('551d11'), tag(0x04, names)))),
  );
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const der = sequence(body, ecdsaWithSha256(), signature).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}
