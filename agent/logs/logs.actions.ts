import type { Handlers } from '../core/handlers.ts';
import { putRotation, rotationState } from './rotation.ts';
import { readTraffic } from './traffic.ts';

export const logsHandlers: Pick<Handlers, `logs.${string}` & keyof Handlers> = {
  'logs.put_rotation': async (machine, rotation) => {
    await putRotation(machine, rotation);
    return rotationState(machine);
  },
  'logs.rotation': (machine) => Promise.resolve(rotationState(machine)),
  'logs.traffic': (machine, params) => readTraffic(machine, params),
};
