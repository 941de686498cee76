import { readdirSync } from 'node:fs';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { Deployment } from '#shared/deployments.ts';
import { siteDeploy, type DeployTarget } from '#shared/site-deploy.ts';
import type { Machine } from '../core/machine.ts';
import { writeDeployment } from '../deployments/deployment-records.ts';
import { runDeployment, type DeploymentOptions } from '../deployments/deployment-run.ts';
import { deploymentsHandlers } from '../deployments/deployments.actions.ts';
import { newRecord, settleDeployment } from '../deployments/deployments.ts';
import { findRecord } from '../sites/site-records.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import type { GitServer } from './git-server.ts';
import { call, newChangeId, specOf, type World } from './world.ts';

/** For tests: sites of a world that are deployed from repositories of a server. */
export type Deploying = ReturnType<typeof createDeploying>;

export const refOf = ({ siteId, slug }: SiteSpec) => ({ siteId, slug });

export function createDeploying(world: World, machine: Machine, server: GitServer) {
  const apply = (spec: SiteSpec, isNew = false) =>
    sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call(60));
  const baseOf = ({ root }: SiteSpec): string => world.prefix + root;

  async function follow(spec: SiteSpec, deploymentId: string): Promise<Deployment & { log: string }> {
    const asked = { site: refOf(spec), deploymentId, offset: 0 };
    const said = await deploymentsHandlers['deployments.follow'](machine, asked, call());
    if (said.deployment === null) throw new Error('no such deployment');
    return { ...said.deployment, log: said.text };
  }

  /** Written down as the agent does it; its process is still to run. */
  async function begin(
    spec: SiteSpec,
    trigger: 'person' | 'webhook' = 'person',
    target?: DeployTarget,
  ): Promise<string> {
    const deploymentId = newChangeId();
    const site = findRecord(machine, spec.slug);
    if (site === undefined) throw new Error('no such site');
    await writeDeployment(machine, newRecord(site, { deploymentId, trigger, target, actor: call().actor }));
    return deploymentId;
  }

  return {
    apply,
    baseOf,
    begin,
    follow,
    releasesOf: (spec: SiteSpec): string[] => readdirSync(`${baseOf(spec)}/releases`),
    rollBack: (spec: SiteSpec, deploymentId: string) =>
      deploymentsHandlers['deployments.rollback'](
        machine,
        { site: refOf(spec), deploymentId, changeId: newChangeId() },
        call(60),
      ),
    /** A site that is connected with a repository of the server. */
    async connect(name: string, deploy: object = {}, more: Partial<SiteSpec> = {}): Promise<SiteSpec> {
      const plain = specOf(world, `${name}.test`, more);
      await apply(plain, true);
      const wanted = { site: refOf(plain), isReplacing: false };
      server.allow((await deploymentsHandlers['deployments.make_key'](machine, wanted, call())).publicKey);
      const source = { url: server.url(name), ref: { kind: 'branch', name: 'main' }, hostKey: server.hostKey };
      const spec = { ...plain, deploy: siteDeploy.parse({ source, ...deploy }) };
      await apply(spec);
      return spec;
    },
    /** As the agent does it, with the process of the deployment in this one. */
    async deploy(
      spec: SiteSpec,
      {
        trigger = 'person',
        target,
        ...options
      }: DeploymentOptions & { trigger?: 'person' | 'webhook'; target?: DeployTarget } = {},
    ): Promise<Deployment & { log: string }> {
      const deploymentId = await begin(spec, trigger, target);
      await runDeployment(world.settings, [spec.siteId, deploymentId], {
        settle: (params) => settleDeployment(machine, params, call(60)),
        ...options,
      });
      return await follow(spec, deploymentId);
    },
  };
}
