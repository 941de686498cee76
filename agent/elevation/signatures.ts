import { createHmac, timingSafeEqual } from 'node:crypto';

/** `<facts as base64url JSON>.<HMAC-SHA256>`. `use` keeps what was signed for one use from passing for another. */
export function sign(key: Buffer, use: string, facts: object): string {
  const text = Buffer.from(JSON.stringify(facts)).toString('base64url');
  return `${text}.${mac(key, use, text).toString('base64url')}`;
}

/** The facts; undefined when this key never signed them for this use. */
export function unsign(key: Buffer, use: string, signed: string): unknown {
  const [text = '', given = ''] = signed.split('.');
  const wanted = mac(key, use, text);
  const bytes = Buffer.from(given, 'base64url');
  if (bytes.length !== wanted.length || !timingSafeEqual(bytes, wanted)) return undefined;
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
}

function mac(key: Buffer, use: string, text: string): Buffer {
  return createHmac('sha256', key).update(`${use}\n${text}`).digest();
}
