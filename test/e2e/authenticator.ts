import { createHmac } from 'node:crypto';
import type { CDPSession, Locator, Page } from 'playwright-core';

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

/**
 * Presses a button that asks for a passkey, until it is gone. Chromium refuses a page that has not the focus at that
 * moment, and every new page of another test takes it; a person would press again as well.
 */
export async function pressForPasskey(button: Locator): Promise<void> {
  for (let tries = 0; tries < 8; tries += 1) {
    await button.page().bringToFront();
    await button.click({ timeout: tries === 0 ? 30_000 : 3_000 }).catch((error: unknown) => {
      if (tries === 0) throw error;
    });
    const isGone = await button.waitFor({ state: 'hidden', timeout: 5_000 }).then(
      () => true,
      () => false,
    );
    if (isGone) return;
  }
}
