import type { AccountFate, RemovalFate } from '#shared/sites.ts';
import type { RemovalPreview } from './sites.queries.ts';

/** What a person wants to become of each part of a site that is deleted. */
export type RemovalChoices = {
  readonly files: RemovalFate;
  readonly logs: RemovalFate;
  readonly account: AccountFate;
  readonly databases: 'keep' | 'recycle';
  readonly hasCertificate: boolean;
  readonly hasCronJobs: boolean;
};

/** Nothing is lost for good unless somebody says so. */
export const firstChoices: RemovalChoices = {
  files: 'recycle',
  logs: 'recycle',
  account: 'remove',
  databases: 'keep',
  hasCertificate: false,
  hasCronJobs: false,
};

export type Fate = 'goes' | 'moves' | 'stays';

const fates = { keep: 'stays', recycle: 'moves', remove: 'goes' } as const satisfies Record<RemovalFate, Fate>;

/** What becomes of a thing that lies on the machine. */
export function fateOf(kind: RemovalPreview['items'][number]['kind'], choices: RemovalChoices): Fate {
  if (kind === 'linux_user') return choices.account === 'keep' ? 'stays' : 'goes';
  // Without its folder nobody could do anything over SFTP.
  if (kind === 'sftp') return choices.account === 'keep' && choices.files === 'keep' ? 'stays' : 'goes';
  return kind === 'files' || kind === 'logs' ? fates[choices[kind]] : 'goes';
}
