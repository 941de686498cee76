import type { Handlers } from '../core/handlers.ts';
import { putFtpSettings, readFtpSettings } from './ftp.settings.ts';

export const ftpHandlers: Pick<Handlers, Extract<keyof Handlers, `ftp.${string}`>> = {
  'ftp.put_settings': (machine, params, call) =>
    machine.locks.hold('ftp', call.deadlineAt, () => putFtpSettings(machine, params, call)),
  'ftp.read_settings': async (machine) => readFtpSettings(machine),
};
