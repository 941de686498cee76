import { AppError } from '#shared/errors.ts';
import type { Handlers } from '../core/handlers.ts';
import { reviveSites } from './restore/revive.ts';

type Name = Extract<keyof Handlers, `backups.${string}`>;

const notYet = (): Promise<never> => Promise.reject(new AppError('internal', 'Backups are not wired yet.'));

export const backupsHandlers: Pick<Handlers, Name> = {
  'backups.cancel': notYet,
  'backups.due': notYet,
  'backups.keys': notYet,
  'backups.members': notYet,
  'backups.pin': notYet,
  'backups.preview_retention': notYet,
  'backups.put_plan': notYet,
  'backups.put_target': notYet,
  'backups.read_download': notYet,
  'backups.remove_plan': notYet,
  'backups.remove_target': notYet,
  'backups.revive_sites': reviveSites,
  'backups.run': notYet,
  'backups.runs': notYet,
  'backups.sets': notYet,
  'backups.sources': notYet,
  'backups.start': notYet,
  'backups.state': notYet,
};
