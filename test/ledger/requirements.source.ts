import type { RequirementArea } from './area.ts';
import { hostileInputs } from './requirements-hostile.ts';
import { operations } from './requirements-operations.ts';
import { panel } from './requirements-panel.ts';
import { phases } from './requirements-phases.ts';

/** Every requirement of the specification by area, done or not: nothing whose time has not come is hidden. */
export const requirementAreas: readonly RequirementArea[] = [...phases, ...operations, ...panel, ...hostileInputs];

export type Requirement = { readonly id: string; readonly area: RequirementArea; readonly title: string };

export const requirements: readonly Requirement[] = requirementAreas.flatMap((area) =>
  Object.entries(area.items).map(([id, title]) => ({ id, area, title })),
);
