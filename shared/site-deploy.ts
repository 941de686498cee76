import { z } from 'zod';

/*
 * Where the releases of a site come from and how they are made. Addresses, branches and paths are read by a grammar: what
 * git or ssh could take for an option, another transport or a program never gets that far.
 */

/** A server's public key as `known_hosts` has it: its kind and the key. */
export const sshHostKey = z
  .string()
  .max(4_096)
  .regex(/^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{40,}={0,2}$/, {
    error: 'host_key_invalid',
  });

export type Repository = {
  /** As git takes it. */
  readonly url: string;
  readonly transport: 'https' | 'ssh';
  readonly host: string;
  readonly port: number;
};

const segment = /^[A-Za-z0-9._+@][A-Za-z0-9._~+@-]*$/;
/** Of a server, in lower case; also numbers with dots. */
export const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const userName = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

function isPath(path: string): boolean {
  const parts = path.replace(/^\/?~?\/?/, '').split('/');
  return parts.length <= 20 && parts.every((part) => segment.test(part) && part !== '.' && part !== '..');
}

/**
 * `https://host/path`, `ssh://user@host:port/path` or `user@host:path`; nothing else is a repository here. `code` is a key of
 * `errors.fields`.
 */
export function parseRepository(input: string): { ok: true; repository: Repository } | { ok: false; code: string } {
  const text = input;
  if (text.length > 500 || !/^[\x21-\x7e]+$/.test(text)) return { ok: false, code: 'repository_invalid' };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/|:)/.exec(text)?.[1];
  if (scheme === undefined) return parseShort(text);
  if (scheme !== 'https' && scheme !== 'ssh') return { ok: false, code: 'repository_scheme' };
  const match = /^[a-z]+:\/\/(?:([^/@]*)@)?([^/:@]+)(?::(\d{1,5}))?\/(.+?)\/?$/.exec(text);
  const [, user, host = '', port, path = ''] = match ?? [];
  if (match === null || !hostName.test(host.toLowerCase()) || !isPath(path))
    return { ok: false, code: 'repository_invalid' };
  // A password in an address ends in lists, logs and histories.
  if (scheme === 'https' ? user !== undefined : user?.includes(':') === true)
    return { ok: false, code: 'repository_credentials' };
  const name = user ?? 'git';
  if (scheme === 'ssh' && !userName.test(name)) return { ok: false, code: 'repository_invalid' };
  const number = port === undefined ? (scheme === 'https' ? 443 : 22) : Number(port);
  if (number < 1 || number > 65_535) return { ok: false, code: 'repository_invalid' };
  const place = `${host.toLowerCase()}${port === undefined ? '' : `:${number}`}/${path}`;
  const url = scheme === 'https' ? `https://${place}` : `ssh://${name}@${place}`;
  return { ok: true, repository: { url, transport: scheme, host: host.toLowerCase(), port: number } };
}

function parseShort(text: string): { ok: true; repository: Repository } | { ok: false; code: string } {
  const match = /^([^@:/]+)@([^@:/]+):(\/?[^:]+?)\/?$/.exec(text);
  const [, user = '', given = '', path = ''] = match ?? [];
  const host = given.toLowerCase();
  if (!userName.test(user) || !hostName.test(host) || !isPath(path)) return { ok: false, code: 'repository_invalid' };
  return { ok: true, repository: { url: `${user}@${host}:${path}`, transport: 'ssh', host, port: 22 } };
}

/** The address of a repository, as a person writes it. */
export const repositoryUrl = z
  .string()
  .max(500)
  .superRefine((text, ctx) => {
    const parsed = parseRepository(text);
    if (!parsed.ok) ctx.addIssue({ code: 'custom', message: parsed.code, input: text });
  });

/** Names of branches and tags: what `git check-ref-format` takes, without its odder letters. */
export const gitRefName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\p{L}\p{N}_][\p{L}\p{N}._/+#=-]*$/u, { error: 'git_ref_invalid' })
  .refine(
    (name) =>
      !/\.\.|\/\/|\/\.|[./]$/.test(name) &&
      !name.split('/').some((part) => part.endsWith('.lock') || part.startsWith('-')),
    { error: 'git_ref_invalid' },
  );

export const gitRef = z.strictObject({ kind: z.enum(['branch', 'tag']), name: gitRefName });
export type GitRef = z.infer<typeof gitRef>;

/** What is deployed once: also one commit, by its whole name. */
export const deployTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('branch'), name: gitRefName }),
  z.strictObject({ kind: z.literal('tag'), name: gitRefName }),
  z.strictObject({
    kind: z.literal('commit'),
    name: z.string().regex(/^[0-9a-f]{40}$/, { error: 'git_commit_invalid' }),
  }),
]);
export type DeployTarget = z.infer<typeof deployTarget>;

/** A path inside a release: never up, never git's own. */
export const releasePath = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[A-Za-z0-9._@+][A-Za-z0-9._@+-]*(\/[A-Za-z0-9._@+][A-Za-z0-9._@+-]*)*$/, { error: 'release_path_invalid' })
  .refine((path) => !path.split('/').some((part) => /^\.{1,2}$/.test(part) || part.toLowerCase() === '.git'), {
    error: 'release_path_invalid',
  });

/** The folder of a release that is served: empty, or `/public`. */
export const releaseFolder = z
  .string()
  .max(301)
  .refine((folder) => folder === '' || (folder.startsWith('/') && releasePath.safeParse(folder.slice(1)).success), {
    error: 'release_path_invalid',
  });

const argument = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[^\u0000-\u001f\u007f]*$/, { error: 'control_characters' });

/** One program with its arguments: a name that is looked for on the machine, or a file of the release. Never a shell. */
export const buildStep = z
  .array(argument)
  .min(1)
  .max(50)
  .refine(([program = '']) => /^(\.\/)?([A-Za-z0-9_][A-Za-z0-9._+-]*\/)*[A-Za-z0-9_][A-Za-z0-9._+-]*$/.test(program), {
    error: 'build_program_invalid',
    path: [0],
  });
export type BuildStep = z.infer<typeof buildStep>;

const shared = z.array(releasePath).max(50).default([]);

/** Path and query that a new release must answer. */
const healthPath = z
  .string()
  .max(300)
  .regex(/^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/, { error: 'path_invalid' });

/** Everything of a site's deployment that people set. `source` null: nothing new comes, the present release stays. */
export const siteDeploy = z
  .strictObject({
    source: z
      .strictObject({ url: repositoryUrl, ref: gitRef, hostKey: sshHostKey.nullable().default(null) })
      .nullable(),
    folder: releaseFolder.default(''),
    build: z.array(buildStep).max(20).default([]),
    sharedFolders: shared,
    sharedFiles: shared,
    /** Releases that are kept: the present one, the one before it, and so on. */
    keep: z.int().min(2).max(50).default(5),
    /** null: no request decides whether a release is good. */
    healthPath: healthPath.nullable().default('/'),
    /** For git and for all steps of a build together. */
    memoryMb: z.int().min(128).max(65_536).default(2_048),
    minutes: z.int().min(1).max(180).default(30),
  })
  .refine(({ source }) => source === null || source.hostKey !== null || !isOverSsh(source.url), {
    error: 'host_key_needed',
    path: ['source', 'hostKey'],
  })
  .refine(({ sharedFolders, sharedFiles }) => !isAnyNested([...sharedFolders, ...sharedFiles]), {
    error: 'shared_path_nested',
    path: ['sharedFolders'],
  });
export type SiteDeploy = z.infer<typeof siteDeploy>;

function isOverSsh(url: string): boolean {
  const parsed = parseRepository(url);
  return parsed.ok && parsed.repository.transport === 'ssh';
}

function isAnyNested(paths: readonly string[]): boolean {
  return paths.some((path, index) =>
    paths.some((other, at) => at !== index && (other === path || other.startsWith(`${path}/`))),
  );
}
