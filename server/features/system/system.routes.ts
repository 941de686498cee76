import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release } from 'node:os';
import { systemApi } from '#shared/system.ts';
import type { Context } from '../../context.ts';
import { route, type App } from '../../core/route.ts';
import { countAllSites } from '../sites/sites.logic.ts';
import { parseCpuModel, parseOsName } from './proc.ts';
import { createSampler } from './sampler.ts';
import { createServiceReader } from './services.ts';

export function systemRoutes(app: App): void {
  const { ctx } = app;
  const sampler = createSampler(ctx);
  ctx.health.onDrain(() => sampler.stop());
  const readServices = createServiceReader();
  const fixed = readFixed();

  route(app, systemApi.info, async ({ requestId, actor }) => ({
    ...fixed,
    hostname: hostname(),
    panelVersion: ctx.config.version,
    environment: ctx.config.environment,
    agent: await agentState(ctx),
    services: await asPlayed(ctx, await readServices(), requestId),
    siteCounts: await countAllSites(ctx, actor),
  }));

  route(app, systemApi.history, async () => ({ items: await sampler.history() }));
}

/** Facts that stay as long as the process. */
function readFixed() {
  return {
    os: parseOsName(readText('/etc/os-release')),
    kernel: release(),
    architecture: arch(),
    cpuModel: parseCpuModel(readText('/proc/cpuinfo')),
    cpuCores: availableParallelism(),
    nodeVersion: process.versions.node,
  };
}

/** Looks only: asking the agent would start it, and it ends when nobody needs it. */
async function agentState({ agent, config }: Context): Promise<'real' | 'fake' | 'away'> {
  if (agent.mode === 'fake') return 'fake';
  const hasSocket = (await stat(config.agent.socketPath).catch(() => undefined))?.isSocket() === true;
  return hasSocket && agent.state !== 'away' ? 'real' : 'away';
}

type Services = Awaited<ReturnType<ReturnType<typeof createServiceReader>>>;

/** A fake agent plays the machine: what it has installed counts, not what happens to run here. */
async function asPlayed({ agent }: Pick<Context, 'agent'>, services: Services, requestId: string): Promise<Services> {
  if (agent.mode !== 'fake') return services;
  const { items } = await agent.call('software.status', {}, { actor: { id: 'panel', name: 'panel' }, requestId });
  return services.map((service) => {
    const played = items.find(({ name }) => name === service.name);
    if (played === undefined) return service;
    const state = !played.isInstalled ? 'not_installed' : played.isRunning ? 'running' : 'stopped';
    return { ...service, state };
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
