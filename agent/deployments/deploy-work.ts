import type { Machine } from '../core/machine.ts';
import type { DeployOwner } from './deploy-owner.ts';
import type { deployPaths } from './deployment-paths.ts';
import type { DeployPlan } from './deployment-records.ts';

/** What a repository may bring; beyond it the deployment ends. */
export type DeployLimits = {
  /** Of one file that git or a build writes. */
  readonly maxFileBytes: number;
  /** Of all files of a commit together. */
  readonly maxTreeBytes: number;
  readonly maxFiles: number;
};

export const defaultLimits: DeployLimits = {
  maxFileBytes: 2 * 1024 ** 3,
  maxTreeBytes: 10 * 1024 ** 3,
  maxFiles: 300_000,
};

/** Everything the steps of one deployment work with. */
export type DeployWork = {
  readonly where: Pick<Machine, 'stateFolder' | 'prefix' | 'hasSystemd' | 'isRoot'>;
  readonly siteId: string;
  readonly deploymentId: string;
  readonly plan: DeployPlan;
  readonly paths: ReturnType<typeof deployPaths>;
  readonly owner: DeployOwner;
  /** Beginning of the names of all units. */
  readonly unit: string;
  readonly limits: DeployLimits;
  readonly signal: AbortSignal;
  readonly endsAt: number;
  /** Its process died before, as with the machine. */
  readonly isTakenUp: boolean;
  /** A line of our own in the log. */
  readonly say: (line: string) => void;
  /** What a program said. */
  readonly output: (chunk: Buffer) => void;
};
