import { supervisedUnits } from './apps.supervised.ts';
import { systemdUnits } from './apps.systemd.ts';
import type { AppHost, Units } from './apps.unit.ts';

export function unitsOf(host: AppHost): Units {
  return host.hasSystemd ? systemdUnits() : supervisedUnits(host);
}
