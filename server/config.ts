import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import { addressesOf } from './config/addresses.ts';
import { checkAll, secretKeyFile } from './config/checks.ts';
import type { Config, ConfigEntry, DatabaseConfig } from './config/config-type.ts';
import { databaseConfig, parseDatabaseUrl, tlsOf } from './config/database.ts';
import { ConfigError, finding, reportOf, type Report } from './config/findings.ts';
import { resolveValues, rootDir, testDataDir, type Resolution } from './config/resolve.ts';
import { deriveKey, ensureSecretKeyFile } from './config/secret-key.ts';
import { readSources } from './config/sources.ts';
import { variableNames, variables, type Values, type Variable, type VariableName } from './config/variables.ts';
import { machineProbes, type EnvironmentInfo, type Probes } from './environment.ts';

export type { Config, ConfigEntry, ConfigSource, DatabaseConfig, LogLevel, PoolConfig } from './config/config-type.ts';
export { ConfigError, type Finding, type Report } from './config/findings.ts';

export type ConfigInput = {
  /** Arguments after the script name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here; `.env` lies here. */
  readonly cwd: string;
  /** The machine; replaced in tests. */
  readonly probes?: Omit<Probes, 'env'>;
};

/** Frozen configurations by a hash of their input: a second call in a process gives the same object. */
const loaded = new Map<string, Config>();

/**
 * Layers defaults < file < environment < command line into one frozen configuration. In development it makes the data
 * folder and the key in it. Throws ConfigError with the full report when any value is refused.
 */
export function loadConfig(input: ConfigInput): Config {
  const memoKey = createHash('sha256')
    .update(JSON.stringify([input.argv, input.cwd, variableNames.map((name) => input.env[name] ?? null)]))
    .digest('hex');
  const known = loaded.get(memoKey);
  if (known !== undefined) return known;
  const { resolution, report } = examine(input);
  if (!report.is_valid) throw new ConfigError(report);
  const config = deepFreeze(build(resolution, report));
  loaded.set(memoKey, config);
  return config;
}

/** The report of the same rules without loading anything and without writing to the disk. */
export function validateConfig(input: ConfigInput): Report {
  return examine(input).report;
}

/** Facts about the environment, `.env` included. Throws ConfigError when the environment itself is refused. */
export function environmentInfo(input: ConfigInput): EnvironmentInfo {
  const { resolution, report } = examine(input);
  const sources = ['ENVIRONMENT', 'REPL_ID', 'REPL_OWNER', 'AAPANEL_ENV_FILE'];
  if (report.errors.some((entry) => sources.includes(entry.variable))) throw new ConfigError(report);
  return resolution.info;
}

/** Every value with its source; secrets as their length only. */
export function redactedEntries(config: Config): readonly ConfigEntry[] {
  return config.entries;
}

function examine(input: ConfigInput): { resolution: Resolution; report: Report } {
  const probes: Probes = { ...(input.probes ?? machineProbes(input.env)), env: input.env };
  const sources = readSources(input);
  const resolution = resolveValues(sources.given, input.cwd, probes);
  const findings = [...sources.findings, ...resolution.findings, ...checkAll(resolution, probes)];
  return { resolution, report: reportOf(resolution.info.environment, findings) };
}

function build(resolution: Resolution, report: Report): Config {
  const { values, info, isProduction, cwd, dataDir } = resolution;
  const secretKey = values.SECRET_KEY ?? developmentKey(resolution, report);
  if (dataDir === testDataDir) removeAtExit(dataDir);
  const host = must(values, 'HOST');
  const port = must(values, 'PORT');
  const tls = ownTls(resolution);
  const addresses = addressesOf({ host, port, isTls: tls !== null, isProduction });
  const publicUrl = values.PUBLIC_URL ?? addresses.publicUrl;
  const logFile = values.LOG_FILE_PATH;
  return {
    environment: info.environment,
    isProduction,
    isDebug: must(values, 'DEBUG'),
    detection: info,
    version: packageVersion(),
    dataDir,
    webDistDir: resolvePath(cwd, must(values, 'WEB_DIST_DIR')),
    host,
    port,
    publicUrl,
    networkUrl: values.PUBLIC_URL === undefined ? addresses.networkUrl : null,
    sessionKey: deriveKey(secretKey, 'session'),
    previousSessionKeys: (values.PREVIOUS_SECRET_KEYS ?? []).map((key) => deriveKey(key, 'session')),
    cookie: {
      isSecure: must(values, 'SESSION_COOKIE_SECURE'),
      sameSite: isProduction ? 'strict' : 'lax',
      lifetimeSeconds: must(values, 'SESSION_LIFETIME_SECONDS'),
    },
    cors: { origins: values.ALLOWED_ORIGINS ?? [] },
    bodyLimitBytes: must(values, 'BODY_LIMIT_BYTES'),
    phpApartPercent: must(values, 'AAPANEL_PHP_APART_PERCENT'),
    wordpressMirror: values.WORDPRESS_MIRROR?.replace(/\/+$/, '') ?? null,
    tls,
    requireHttps: must(values, 'REQUIRE_HTTPS'),
    trustedProxies: values.TRUSTED_PROXIES ?? [],
    entryPath: values.ENTRY_PATH ?? null,
    allowedAddresses: values.ALLOWED_ADDRESSES ?? [],
    domains: (values.PANEL_DOMAINS ?? []).map((name) => name.toLowerCase()),
    logLevel: must(values, 'LOG_LEVEL'),
    logFilePath: logFile === undefined ? null : resolvePath(cwd, logFile),
    database: buildDatabase(resolution),
    agent: { mode: must(values, 'AGENT'), socketPath: must(values, 'AAPANEL_AGENT_SOCKET') },
    entries: variableNames.flatMap((name) =>
      entryOf(resolution, name, { SECRET_KEY: secretKey, PUBLIC_URL: publicUrl }),
    ),
    warnings: report.warnings.map(({ code, variable, message }) => ({ code, variable, message })),
  };
}

/** The default paths alone turn nothing on: most machines have no files there. */
function ownTls({ values, effective, cwd }: Resolution): Config['tls'] {
  const cert = values.SSL_CERT_PATH;
  const key = values.SSL_KEY_PATH;
  const isNamed = effective.SSL_CERT_PATH?.source !== 'default' && effective.SSL_KEY_PATH?.source !== 'default';
  if (!isNamed || cert === undefined || key === undefined) return null;
  return { certPath: resolvePath(cwd, cert), keyPath: resolvePath(cwd, key) };
}

function buildDatabase({ values, cwd }: Resolution): DatabaseConfig {
  const pool = {
    size: must(values, 'DB_POOL_SIZE'),
    maxOverflow: must(values, 'DB_MAX_OVERFLOW'),
    timeoutSeconds: must(values, 'DB_POOL_TIMEOUT'),
    recycleSeconds: must(values, 'DB_POOL_RECYCLE'),
    isPrePing: must(values, 'DB_POOL_PRE_PING'),
  };
  const isSqlShown = must(values, 'DB_SHOW_SQL');
  const ca = values.DB_SSL_CA;
  const encryption = { tls: values.DB_SSL_MODE, caPath: ca === undefined ? null : resolvePath(cwd, ca) };
  const url = values.DATABASE_URL;
  const fromUrl = url === undefined ? undefined : parseDatabaseUrl(url, cwd, encryption);
  if (fromUrl !== undefined) return databaseConfig(fromUrl, pool, isSqlShown);
  const type = must(values, 'DATABASE_TYPE');
  if (type === 'sqlite') {
    return databaseConfig({ type, path: resolvePath(cwd, must(values, 'DEV_DATABASE_PATH')) }, pool, isSqlShown);
  }
  const address = {
    type,
    host: must(values, 'DB_HOST'),
    port: must(values, 'DB_PORT'),
    user: must(values, 'DB_USER'),
    password: values.DB_PASSWORD ?? '',
    name: must(values, 'DB_NAME'),
    socketPath: null,
    ...tlsOf(encryption),
  } as const;
  return databaseConfig(address, pool, isSqlShown);
}

/** A value that the schema gives a default: its absence is a fault of the schema, found by the tests. */
function must<Name extends VariableName>(values: Values, name: Name): NonNullable<Values[Name]> {
  const value = values[name];
  if (value === undefined || value === null) throw new Error(`the configuration schema gives ${name} no default`);
  return value;
}

function developmentKey(resolution: Resolution, report: Report): string {
  const path = secretKeyFile(resolution);
  try {
    return ensureSecretKeyFile(path);
  } catch {
    const unusable = finding('error', 'secret_key_file_unusable', 'SECRET_KEY', { path });
    throw new ConfigError(reportOf(report.environment, [unusable]));
  }
}

/** The test environment leaves nothing behind. */
function removeAtExit(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

function entryOf(
  { effective }: Resolution,
  name: VariableName,
  made: { readonly [Name in VariableName]?: string },
): ConfigEntry[] {
  const given = effective[name];
  const text = given?.text ?? made[name];
  if (text === undefined) return [];
  const isSecret = (variables[name] as Variable<unknown>).isSecret === true;
  const value = isSecret ? `***(${Array.from(text).length})` : text;
  return [{ key: name, value, source: given?.source ?? 'derived', isSecret }];
}

function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8'));
  const hasVersion = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return hasVersion && typeof parsed.version === 'string' ? parsed.version : '0.0.0';
}

/** KeyObjects hold no writable state and cannot be frozen member by member. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}
