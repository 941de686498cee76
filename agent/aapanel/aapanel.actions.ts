import type { Handlers } from '../core/handlers.ts';
import { readAapanel } from './report.ts';

export const aapanelHandlers: Pick<Handlers, Extract<keyof Handlers, `aapanel.${string}`>> = {
  'aapanel.read': async (machine, { base }) => await readAapanel(machine, base),
};
