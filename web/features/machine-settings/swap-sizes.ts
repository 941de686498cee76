import type { MachineSettings } from '#shared/machine-settings.ts';

const usual = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768];

/** Sizes to choose from in MiB: none, the usual ones for which there is room, and the one that there is. */
export function swapSizes({ ownMib, mostMib }: Pick<MachineSettings['swap'], 'ownMib' | 'mostMib'>): number[] {
  const sizes = new Set([0, ownMib, ...usual.filter((mib) => mib <= mostMib)]);
  return [...sizes].sort((one, other) => one - other);
}
