import { z } from 'zod';
import { id, instant, type Operation } from './http.ts';
import { job } from './jobs.ts';

/*
 * What a site's own project asks for: packages of npm, pip and Composer. Everything here is a fact: which tool, which of its
 * tasks, which file; the agent knows the words that the tool wants.
 */

export const nodeManagers = ['npm', 'yarn', 'pnpm'] as const;
export type NodeManager = (typeof nodeManagers)[number];

/** Name of a script of `package.json`; nothing that a tool reads as an option. */
export const scriptName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:@/-]*$/, { error: 'script_name_invalid' });

/** A list for pip, in the working folder. */
export const requirementsFile = z
  .string()
  .max(120)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.txt$/, { error: 'requirements_file_invalid' });

/** Where packages come from instead of the tool's own place; whoever may read the site's folder reads it too. */
export const packageMirror = z
  .string()
  .max(300)
  .regex(/^https:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:\/[A-Za-z0-9._~/+-]*)?$/, {
    error: 'package_mirror_invalid',
  });

/** Programs that answer HTTP for an application in Python. */
export const pythonServers = ['gunicorn', 'uvicorn', 'uwsgi'] as const;

const mirror = packageMirror.nullable().default(null);

export const dependencyWork = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('node'),
    manager: z.enum(nodeManagers),
    /** `exact`: what the lock file says and nothing else. */
    task: z.enum(['install', 'exact']),
    hasDevelopment: z.boolean().default(true),
    mirror,
  }),
  z.strictObject({ kind: z.literal('script'), manager: z.enum(nodeManagers), script: scriptName }),
  z.strictObject({
    kind: z.literal('python'),
    /** null: only the environment and the servers. */
    requirements: requirementsFile.nullable(),
    servers: z.array(z.enum(pythonServers)).max(pythonServers.length).default([]),
    /** The environment is emptied first. */
    isAnew: z.boolean().default(false),
    mirror,
  }),
  z.strictObject({
    kind: z.literal('composer'),
    task: z.enum(['install', 'update']),
    hasDevelopment: z.boolean().default(false),
  }),
]);
export type DependencyWork = z.infer<typeof dependencyWork>;

export const dependencyTools = ['npm', 'yarn', 'pnpm', 'python3', 'venv', 'composer'] as const;
export type DependencyTool = (typeof dependencyTools)[number];

export const dependencyStates = ['running', 'succeeded', 'failed', 'cancelled'] as const;

/** One run of a tool for a site. */
export const dependencyRun = z.object({
  id,
  work: dependencyWork,
  actorName: z.string(),
  state: z.enum(dependencyStates),
  failure: z.object({ reason: z.string(), params: z.record(z.string(), z.string()) }).nullable(),
  startedAt: instant,
  endedAt: instant.nullable(),
});
export type DependencyRun = z.infer<typeof dependencyRun>;

/** What the files of a site say, as its own user may have written them. */
export const siteProject = z.object({
  /** Where they lie. */
  folder: z.string(),
  node: z
    .object({
      /** As the lock file or the field `packageManager` says. */
      manager: z.enum(nodeManagers),
      scripts: z.array(scriptName),
      isLocked: z.boolean(),
      isInstalled: z.boolean(),
      /** `package.json` is no such file. */
      isUnreadable: z.boolean(),
    })
    .nullable(),
  python: z
    .object({
      requirements: z.array(requirementsFile),
      hasEnvironment: z.boolean(),
      /** Of the environment. */
      servers: z.array(z.enum(pythonServers)),
    })
    .nullable(),
  composer: z.object({ isLocked: z.boolean(), isInstalled: z.boolean() }).nullable(),
  /** Names of Java archives. */
  jars: z.array(z.string()),
  /** What is there to work with; the others are not installed. */
  tools: z.array(z.enum(dependencyTools)),
  /** Newest first. */
  runs: z.array(dependencyRun),
});
export type SiteProject = z.infer<typeof siteProject>;

const siteParams = z.object({ siteId: id });

export const dependenciesApi = {
  project: {
    id: 'getSiteProject',
    method: 'GET',
    path: '/api/v1/sites/{siteId}/project',
    access: 'sites.read',
    summary: "What a site's project asks for: scripts, lists of packages, and the tools that are there for them",
    params: siteParams,
    response: siteProject,
  },
  run: {
    id: 'runSiteDependencies',
    method: 'POST',
    path: '/api/v1/sites/{siteId}/dependencies',
    access: 'sites.write',
    summary: "Install packages of a site's project or run one of its scripts, as the site's own user, as a job",
    params: siteParams,
    body: z.strictObject({ work: dependencyWork }),
    response: job,
    status: 202,
  },
} as const satisfies Record<string, Operation>;
