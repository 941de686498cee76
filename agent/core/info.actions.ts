import { agentProtocol } from '#shared/agent/protocol.ts';
import type { Handlers } from './handlers.ts';
import { agentVersion } from './version.ts';

export const infoHandlers: Pick<Handlers, 'agent.info'> = {
  'agent.info': (machine) =>
    Promise.resolve({
      protocol: agentProtocol,
      version: agentVersion,
      isRoot: machine.isRoot,
      hasSystemd: machine.hasSystemd,
      recovered: machine.recovered,
      uptimeSeconds: (Date.now() - machine.startedAt) / 1000,
    }),
};
