import { UsageError, type Command } from '../command.ts';

/** Verbs of `aapanel backup`, sorted. Loaded when called. */
const verbs: Readonly<Record<string, () => Promise<Command>>> = {
  create: async () => (await import('./backup-runs.ts')).create,
  due: async () => (await import('./backup-look.ts')).due,
  export: async () => (await import('./backup-move.ts')).exportSet,
  hooks: async () => (await import('./backup-hooks.ts')).hooks,
  import: async () => (await import('./backup-move.ts')).importSet,
  'import-legacy': async () => (await import('./backup-move.ts')).importLegacy,
  keys: async () => (await import('./backup-keys.ts')).keys,
  list: async () => (await import('./backup-look.ts')).list,
  plans: async () => (await import('./backup-plans.ts')).plans,
  prune: async () => (await import('./backup-runs.ts')).prune,
  recover: async () => (await import('./backup-move.ts')).recover,
  remove: async () => (await import('./backup-runs.ts')).remove,
  restore: async () => (await import('./backup-restore.ts')).restore,
  runs: async () => (await import('./backup-look.ts')).runs,
  schedule: async () => (await import('./backup-look.ts')).schedule,
  show: async () => (await import('./backup-look.ts')).show,
  sources: async () => (await import('./backup-look.ts')).sources,
  targets: async () => (await import('./backup-targets.ts')).targets,
  'test-restore': async () => (await import('./backup-restore.ts')).testRestore,
  verify: async () => (await import('./backup-runs.ts')).verify,
};

/** `aapanel backup VERB …`: everything about backups, as root, also while the panel is down. */
export const backup: Command = async (ctx) => {
  const [verb, ...args] = ctx.args;
  if (verb === undefined) {
    ctx.out(ctx.text('backupUsage'));
    return 0;
  }
  const load = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (load === undefined) throw new UsageError(`backup ${verb}`);
  const command = await load();
  return command({ ...ctx, args });
};
