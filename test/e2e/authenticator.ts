import { createHmac } from 'node:crypto';
import type { CDPSession, Page } from 'playwright-core';

/** A phone with an authenticator app: RFC 6238 from the secret that a person would type. */
export type App = {
  /** A code that was not given out before; the panel takes one step to each side of now. */
  code(): string;
};

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function newApp(secret: string): App {
  const bits = Array.from(secret.replaceAll(/\s/g, ''), (letter) =>
    alphabet.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const key = Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)
      ?.map((byte) => Number.parseInt(byte, 2)) ?? [],
  );
  let last = 0;
  return {
    code() {
      last = Math.max(last + 1, Math.floor(Date.now() / 30_000) - 1);
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(BigInt(last));
      const mac = createHmac('sha1', key).update(counter).digest();
      const offset = (mac.at(-1) ?? 0) & 0x0f;
      return String((mac.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, '0');
    },
  };
}

/** A security key in the browser itself (DevTools protocol): answers at once, as if somebody touched it. */
export type SecurityKey = {
  passkeyCount(): Promise<number>;
};

export async function addSecurityKey(page: Page): Promise<SecurityKey> {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    passkeyCount: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length,
  };
}
