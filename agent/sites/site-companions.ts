import type { SiteSpec } from '#shared/agent/sites.ts';
import type { AppPlan } from '../apps/apps.plan.ts';
import { appTexts, createAppCompanion } from '../apps/apps.site.ts';
import { sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { createPhpCompanion, phpTexts } from '../php/php.site.ts';
import { createSftpCompanion, sftpTexts } from '../sftp/sftp.site.ts';
import type { Companion, CompanionInput } from './site-companion.ts';
import { createCacheCompanion } from './site-cache.ts';
import { createPasswordCompanion, passwordTexts } from './site-passwords.ts';

export function companionsOf(machine: Machine, input: CompanionInput, plan: AppPlan | null): Companion[] {
  return [
    // The first one: whatever fails later, it is told to go back, and never to begin.
    createAppCompanion(machine, input, plan),
    createPhpCompanion(machine, input),
    createPasswordCompanion(machine, input),
    createSftpCompanion(machine, input),
    createCacheCompanion(machine, input),
  ];
}

/** Sum of everything that the panel would write for a site: what an accepted text of somebody's own stands for. */
export function renderedSumOf(
  machine: Machine,
  spec: SiteSpec,
  { whenOn, plan, isEnded }: { readonly whenOn: string; readonly plan: AppPlan | null; readonly isEnded: boolean },
  linuxUser: string,
): string {
  const units = Object.values(appTexts(machine, spec, linuxUser, plan)).join('');
  const access = Object.values(sftpTexts(spec, linuxUser)).join('');
  const php = Object.values(phpTexts(machine, spec, isEnded, linuxUser)).join('');
  return sha256(whenOn + php + passwordTexts(machine, spec) + units + access);
}
