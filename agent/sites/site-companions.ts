import type { SiteSpec } from '#shared/agent/sites.ts';
import { sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { createPhpCompanion, phpPoolText } from '../php/php.site.ts';
import type { Companion, CompanionInput } from './site-companion.ts';
import { createPasswordCompanion, passwordTexts } from './site-passwords.ts';

export function companionsOf(machine: Machine, input: CompanionInput): Companion[] {
  return [createPhpCompanion(machine, input), createPasswordCompanion(machine, input)];
}

/** Sum of everything that the panel would write for a site: what an accepted text of somebody's own stands for. */
export function renderedSumOf(machine: Machine, spec: SiteSpec, siteText: string, linuxUser: string): string {
  return sha256(siteText + (phpPoolText(machine, spec, linuxUser) ?? '') + passwordTexts(machine, spec));
}
