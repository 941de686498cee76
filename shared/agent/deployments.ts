import { z } from 'zod';
import { buildSettings, buildState, deployKey, deployment, releaseId, scannedHost } from '../deployments.ts';
import { id } from '../http.ts';
import { deployTarget, gitRefName, repositoryUrl, sshHostKey } from '../site-deploy.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

const site = z.strictObject({ siteId: id, slug });
const deploymentRef = z.strictObject({ site, deploymentId: id });

export const deploymentsState = {
  name: 'deployments.state',
  permission: 'sites.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({
    isGitInstalled: z.boolean(),
    key: deployKey.nullable(),
    currentReleaseId: releaseId.nullable(),
    items: z.array(deployment),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1024 * 1024,
  summary: 'Deployments of a site, and the public part of its deploy key',
} as const satisfies AgentAction;

export const deploymentsBuilds = {
  name: 'deployments.builds',
  permission: 'settings.read',
  ticket: 'never',
  params: z.strictObject({}),
  result: buildState,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1_024,
  summary: 'How many deployments may build at once, and how many do and wait',
} as const satisfies AgentAction;

export const deploymentsPutBuilds = {
  name: 'deployments.put_builds',
  permission: 'settings.write',
  ticket: 'never',
  params: buildSettings,
  result: buildState,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 1_024,
  summary: 'Say how many deployments may build at once',
} as const satisfies AgentAction;

/** Another key in the place of one that is there needs a ticket: the old one is void at once. */
export const deploymentsMakeKey = {
  name: 'deployments.make_key',
  permission: 'deployments.write',
  ticket: 'depends',
  params: z.strictObject({ site, isReplacing: z.boolean() }),
  result: deployKey,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 8 * 1024,
  summary: 'Make the deploy key of a site; its private part never leaves the agent',
} as const satisfies AgentAction;

export const deploymentsScanHost = {
  name: 'deployments.scan_host',
  permission: 'deployments.write',
  ticket: 'never',
  params: z.strictObject({ url: repositoryUrl }),
  result: z.object({ items: z.array(scannedHost) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 64 * 1024,
  summary: "Ask a repository's server for its public keys",
} as const satisfies AgentAction;

export const deploymentsListRefs = {
  name: 'deployments.list_refs',
  permission: 'deployments.write',
  ticket: 'never',
  params: z.strictObject({ site, url: repositoryUrl, hostKey: sshHostKey.nullable() }),
  result: z.object({
    branches: z.array(gitRefName),
    tags: z.array(gitRefName),
    main: z.string().nullable(),
    isTruncated: z.boolean(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 40_000,
  maxResultBytes: 1024 * 1024,
  summary: "Branches and tags of a repository, read with the site's key as the site's user",
} as const satisfies AgentAction;

/** Starts (or finds) a deployment that outlives web process and agent; `deployments.follow` watches it. */
export const deploymentsStart = {
  name: 'deployments.start',
  permission: 'deployments.run',
  ticket: 'never',
  params: deploymentRef.extend({ trigger: z.enum(['person', 'webhook']) }),
  result: deployment,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: "Deploy a site's configured branch or tag, as a process of its own",
} as const satisfies AgentAction;

export const deploymentsStartOf = {
  name: 'deployments.start_of',
  permission: 'deployments.write',
  ticket: 'never',
  params: deploymentRef.extend({ target: deployTarget }),
  result: deployment,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 15_000,
  maxResultBytes: 16 * 1024,
  summary: "Deploy another branch, tag or commit of a site's repository once, as a process of its own",
} as const satisfies AgentAction;

export const deploymentsFollow = {
  name: 'deployments.follow',
  permission: 'panel',
  ticket: 'never',
  params: deploymentRef.extend({ offset: z.int().min(0) }),
  /** `deployment` null: the agent knows none of this id at this site. */
  result: z.object({
    deployment: deployment.nullable(),
    /** Its process has gone without a word: asking to start it again takes it up. */
    isInterrupted: z.boolean(),
    text: z.string(),
    nextOffset: z.int(),
  }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 5_000,
  maxResultBytes: 256 * 1024,
  summary: 'State of a deployment, and its log from an offset',
} as const satisfies AgentAction;

export const deploymentsCancel = {
  name: 'deployments.cancel',
  permission: 'deployments.run',
  ticket: 'never',
  params: deploymentRef,
  result: z.object({ deployment: deployment.nullable() }),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 30_000,
  maxResultBytes: 16 * 1024,
  summary: 'Stop a deployment and take away what it made; one that is live goes back to the release before',
} as const satisfies AgentAction;

export const deploymentsRollback = {
  name: 'deployments.rollback',
  permission: 'deployments.run',
  ticket: 'never',
  params: deploymentRef.extend({ changeId: id }),
  result: deployment,
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 60_000,
  maxResultBytes: 16 * 1024,
  summary: 'Switch a site to a release that is kept, after it has answered',
} as const satisfies AgentAction;

/** For the process of a deployment: what was built is asked, switched to and asked again, or the old release stays. */
export const deploymentsSettle = {
  name: 'deployments.settle',
  permission: 'panel',
  ticket: 'never',
  params: deploymentRef,
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 90_000,
  maxResultBytes: 1024,
  summary: 'Take up the release that a deployment built',
} as const satisfies AgentAction;
