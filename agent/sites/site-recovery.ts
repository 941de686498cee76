import { takeUpAppsNow } from '../apps/apps.recovery.ts';
import type { AppHost } from '../apps/apps.unit.ts';
import { takeUpNow } from '../nginx/nginx.process.ts';
import { takeUpPhpNow } from '../php/php.own.ts';

/** Makes the running programs load what was put back after a crash; what nginx points to comes first. */
export async function takeUpPrograms(host: AppHost): Promise<void> {
  const { prefix } = host;
  await takeUpAppsNow(host);
  await takeUpPhpNow(host);
  await takeUpNow(prefix);
}
