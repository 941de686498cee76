import { z } from 'zod';
import { mostBuilds } from './deploy-limits.ts';
import { id, instant, type Operation } from './http.ts';
import { job } from './jobs.ts';
import { deployTarget, gitRefName, repositoryUrl, siteDeploy, sshHostKey } from './site-deploy.ts';
import { siteResult } from './sites.ts';

/** What a deployment does, one after the other. */
export const deploymentPhases = ['fetch', 'build', 'switch', 'tidy'] as const;
export type DeploymentPhase = (typeof deploymentPhases)[number];

export const deploymentStates = ['running', 'succeeded', 'failed', 'cancelled'] as const;

/** Name of a release's folder: when it was made (UTC) and the beginning of its commit. */
export const releaseId = z.string().regex(/^\d{8}-\d{6}-[0-9a-f]{8}$/);

export const gitCommit = z.object({
  hash: z.string(),
  author: z.string(),
  /** First line only. */
  message: z.string(),
  at: instant.nullable(),
});

/** One deployment, or one way back to an earlier release. */
export const deployment = z.object({
  id,
  kind: z.enum(['deploy', 'rollback']),
  trigger: z.enum(['person', 'webhook']),
  /** Who asked for it. */
  actorName: z.string(),
  state: z.enum(deploymentStates),
  phase: z.enum(deploymentPhases),
  /** Its build waits until others of this machine are done. */
  isWaiting: z.boolean(),
  /** Name of the branch, tag or commit. */
  ref: z.string(),
  commit: gitCommit.nullable(),
  releaseId: releaseId.nullable(),
  /** The commit was live already: nothing was built. */
  isUnchanged: z.boolean(),
  /** What the release answered before visitors saw it; `not_run`: nobody could ask, or nobody should. */
  health: z.enum(['passed', 'failed', 'not_run']).nullable(),
  /** How long the switch took, as the transaction saw it. */
  switchMs: z.int().nullable(),
  failure: z.object({ reason: z.string(), params: z.record(z.string(), z.string()) }).nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** Its release is on the machine and can be gone back to. */
  isKept: z.boolean(),
  isCurrent: z.boolean(),
});
export type Deployment = z.infer<typeof deployment>;

export const deployKey = z.object({ publicKey: z.string(), fingerprint: z.string(), madeAt: instant });
export type DeployKey = z.infer<typeof deployKey>;

/** A key that a server showed; `fingerprint` as ssh prints it. */
export const scannedHost = z.object({ hostKey: sshHostKey, kind: z.string(), fingerprint: z.string() });
export type ScannedHost = z.infer<typeof scannedHost>;

/** What pushes are told by; the secret is answered once, when it is made. */
export const deployHook = z.object({
  /** Where pushes are told. */
  url: z.string(),
  createdAt: instant,
  /** The last call with a right signature. */
  lastCalledAt: instant.nullable(),
  /** A push came while a deployment ran: one more follows. */
  isWaiting: z.boolean(),
});
export type DeployHook = z.infer<typeof deployHook>;

/** How many deployments may build at the same time on this machine; the others wait in line. */
export const buildSettings = z.strictObject({ atOnce: z.int().min(1).max(mostBuilds) });
export type BuildSettings = z.infer<typeof buildSettings>;
export const defaultBuildSettings: BuildSettings = { atOnce: 1 };

export const buildState = buildSettings.extend({ building: z.int(), waiting: z.int() });
export type BuildState = z.infer<typeof buildState>;

const siteParams = z.object({ siteId: id });
const deploymentParams = siteParams.extend({ deploymentId: id });

export const deploymentsApi = {
  builds: {
    id: 'getBuildSettings',
    method: 'GET',
    path: '/api/v1/deployments/builds',
    access: 'settings.read',
    summary: 'How many deployments may build at once on this machine, and how many do and wait',
    response: buildState,
  },
  setBuilds: {
    id: 'setBuildSettings',
    method: 'PUT',
    path: '/api/v1/deployments/builds',
    access: 'settings.write',
    summary: 'Set how many deployments may build at once on this machine',
    body: buildSettings,
    response: buildState,
  },
  state: {
    id: 'getSiteDeployments',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/deployments',
    access: 'sites.read',
    summary: 'Deployments of a site, newest first, with its deploy key and webhook',
    params: siteParams,
    response: z.object({
      isGitInstalled: z.boolean(),
      key: deployKey.nullable(),
      hook: deployHook.nullable(),
      currentReleaseId: releaseId.nullable(),
      items: z.array(deployment),
    }),
  },
  configure: {
    id: 'configureDeploy',
    method: 'PUT',
    path: '/api/v1/sites/{siteId}/deploy',
    access: 'deployments.write',
    summary: 'Set where releases come from and how they are made',
    params: siteParams,
    body: z.strictObject({ deploy: siteDeploy }),
    response: siteResult,
  },
  makeKey: {
    id: 'makeDeployKey',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deploy/key',
    access: 'deployments.write',
    summary: 'Make the deploy key of a site, or another one in its place',
    params: siteParams,
    body: z.strictObject({ isReplacing: z.boolean().default(false) }),
    response: deployKey,
    status: 201,
  },
  scanHost: {
    id: 'scanDeployHost',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deploy/scan-host',
    access: 'deployments.write',
    summary: 'Ask the server of a repository for its keys, to be compared and confirmed by a person',
    params: siteParams,
    body: z.strictObject({ url: repositoryUrl }),
    response: z.object({ items: z.array(scannedHost) }),
  },
  listRefs: {
    id: 'listDeployRefs',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deploy/refs',
    access: 'deployments.write',
    summary: 'Branches and tags of a repository, which proves that it can be read',
    params: siteParams,
    body: z.strictObject({ url: repositoryUrl, hostKey: sshHostKey.nullable().default(null) }),
    response: z.object({
      branches: z.array(gitRefName),
      tags: z.array(gitRefName),
      /** What the repository itself calls its main branch. */
      main: z.string().nullable(),
      isTruncated: z.boolean(),
    }),
  },
  start: {
    id: 'startDeployment',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deployments',
    access: 'deployments.run',
    summary: 'Deploy the configured branch or tag, as a job',
    params: siteParams,
    response: job,
    status: 202,
  },
  /** A repository may hold commits that nobody has put on a branch: so it needs more than the right to deploy. */
  startOf: {
    id: 'startDeploymentOf',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deployments/once',
    access: 'deployments.write',
    summary: 'Deploy another branch, tag or commit of the repository once, as a job; the configured one stays',
    params: siteParams,
    body: z.strictObject({ target: deployTarget }),
    response: job,
    status: 202,
  },
  rollback: {
    id: 'rollBackDeployment',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deployments/{deploymentId}/rollback',
    access: 'deployments.run',
    summary: 'Go back to the release of an earlier deployment, at once',
    params: deploymentParams,
    response: deployment,
  },
  log: {
    id: 'readDeploymentLog',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/deployments/{deploymentId}/log',
    access: 'sites.read',
    summary: 'Log of a deployment, on from an offset',
    params: deploymentParams,
    query: z.object({ offset: z.coerce.number().int().min(0).default(0) }),
    response: z.object({ deployment, text: z.string(), nextOffset: z.int() }),
  },
  makeHook: {
    id: 'makeDeployHook',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/deploy/hook',
    access: 'deployments.write',
    summary: 'Make the webhook of a site; its secret is answered once, and replaces the one before',
    params: siteParams,
    response: z.object({ hook: deployHook, secret: z.string() }),
    status: 201,
  },
  removeHook: {
    id: 'removeDeployHook',
    method: 'DELETE',
    path: '/api/v1/sites/{siteId}/deploy/hook',
    access: 'deployments.write',
    summary: 'Take the webhook of a site away',
    params: siteParams,
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
