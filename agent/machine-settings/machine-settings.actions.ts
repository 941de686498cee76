import type { Handlers } from '../core/handlers.ts';

type Name = Extract<keyof Handlers, `machine.${string}`>;

/** Loaded when somebody asks: seldom. One change after another. */
export const machineSettingsHandlers: Pick<Handlers, Name> = {
  'machine.read': async (machine) => (await import('./read.ts')).readSettings(machine),
  'machine.set_automatic_updates': (machine, params, call) =>
    machine.locks.hold('machine settings', call.deadlineAt, async () =>
      (await import('./automatic-updates.ts')).setAutomaticUpdates(machine, params, call),
    ),
  'machine.set_hostname': (machine, params, call) =>
    machine.locks.hold('machine settings', call.deadlineAt, async () =>
      (await import('./hostname.ts')).setHostname(machine, params, call),
    ),
  'machine.set_swap': (machine, params, call) =>
    machine.locks.hold('machine settings', call.deadlineAt, async () =>
      (await import('./swap.ts')).setSwap(machine, params, call),
    ),
  'machine.set_time_zone': (machine, params, call) =>
    machine.locks.hold('machine settings', call.deadlineAt, async () =>
      (await import('./time-zone.ts')).setTimeZone(machine, params, call),
    ),
};
