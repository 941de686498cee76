import { wwwlogs, type LogKind } from '#shared/sites.ts';
import type { Machine } from '../core/machine.ts';

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

/** The log that is written now. `.1` beside it: the last one, not compressed yet, since a program may still write to it. */
export const logPath = ({ prefix }: Pick<Where, 'prefix'>, slug: string, kind: LogKind): string =>
  `${prefix}${wwwlogs}/${slug}.${kind}.log`;

/** Where the older logs of a site lie, without prefix. */
export const keptFolder = (slug: string): string => `${wwwlogs}/kept/${slug}`;

/** The agent's own notes about logs. */
export const logsFolder = ({ stateFolder }: Pick<Where, 'stateFolder'>): string => `${stateFolder}/logs`;
export const figuresFolder = (where: Pick<Where, 'stateFolder'>, siteId: string): string =>
  `${logsFolder(where)}/traffic/${siteId}`;
