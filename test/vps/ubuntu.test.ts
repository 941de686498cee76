import { it } from 'vitest';
import { describeCheckout } from './checkout.ts';
import { ubuntuSuites } from './rootfs.ts';
import { describeServer } from './server.ts';

/*
 * The same life of a server on Ubuntu, and the same first command: `AAPANEL_UBUNTU=noble` (or jammy, or both with a comma).
 * Not part of every run: it needs Ubuntu's archive and costs as much as a Debian.
 */
const asked = (process.env['AAPANEL_UBUNTU'] ?? '').split(',');

for (const suite of ubuntuSuites) {
  if (asked.includes(suite)) {
    describeServer(suite, { hasRuntime: true, measuresIdle: false });
    describeCheckout(suite);
  } else it.skip(`a server with ${suite}: not run, AAPANEL_UBUNTU asks for it`, () => undefined);
}
