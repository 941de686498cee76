import type { Handlers } from '../core/handlers.ts';
import { auditLogOf } from './log.ts';

export const auditHandlers: Pick<Handlers, `audit.${string}` & keyof Handlers> = {
  'audit.append': async (machine, { additions }) => ({ lines: await (await auditLogOf(machine)).add(additions) }),
  'audit.read': async (machine, { from, limit }) => (await auditLogOf(machine)).read(from, limit),
  'audit.verify': async (machine) => await (await auditLogOf(machine)).verify(),
};
