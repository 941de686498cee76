import type { Handlers } from '../core/handlers.ts';
import { nginxLock } from '../sites/sites.apply.ts';
import { readAapanel } from './report.ts';
import { takeCertificate } from './take-certificate.ts';

export const aapanelHandlers: Pick<Handlers, Extract<keyof Handlers, `aapanel.${string}`>> = {
  'aapanel.read': async (machine, { base }) => await readAapanel(machine, base),
  'aapanel.take_certificate': (machine, params, call) =>
    machine.locks.hold(nginxLock, call.deadlineAt, () => takeCertificate(machine, params, call)),
};
