import { dirname, resolve as resolvePath, join } from 'node:path';
import type { Probes } from '../environment.ts';
import { driverOf, engineOfUrl, isLegacyUrl, parseDatabaseUrl } from './database.ts';
import { finding, type Finding } from './findings.ts';
import type { Resolution } from './resolve.ts';
import { secretKeyProblem } from './secret-key.ts';

/** Rules about several variables at once, or about the machine. The same list at start and in `env validate`. */
export function checkAll(resolution: Resolution, probes: Probes): Finding[] {
  return [
    ...checkSecretKeys(resolution, probes),
    ...checkSafety(resolution),
    ...checkTls(resolution, probes),
    ...checkDatabase(resolution, probes),
    ...(resolution.info.is_replit ? [finding('info', 'on_replit', 'REPL_ID')] : []),
  ];
}

/** Where the development key is kept. */
export function secretKeyFile(resolution: Resolution): string {
  return join(resolution.dataDir, 'secret.key');
}

function checkSecretKeys(resolution: Resolution, probes: Probes): Finding[] {
  const { values, isProduction, info } = resolution;
  const key = values.SECRET_KEY;
  if (key === undefined) {
    if (isProduction) {
      const code = info.manual_override ? 'secret_key_missing' : 'secret_key_missing_inferred';
      return [finding('error', code, 'SECRET_KEY')];
    }
    const path = secretKeyFile(resolution);
    return probes.exists(path) ? [] : [finding('warning', 'secret_key_generated', 'SECRET_KEY', { path })];
  }
  const level = isProduction ? 'error' : 'warning';
  const problem = secretKeyProblem(key);
  const findings = problem === undefined ? [] : [finding(level, problem, 'SECRET_KEY')];
  for (const previous of values.PREVIOUS_SECRET_KEYS ?? []) {
    const earlier = secretKeyProblem(previous);
    if (earlier !== undefined) findings.push(finding(level, earlier, 'PREVIOUS_SECRET_KEYS'));
  }
  return findings;
}

function checkSafety({ values, isProduction }: Resolution): Finding[] {
  if (!isProduction) return [];
  const findings: Finding[] = [];
  if (values.DEBUG === true) findings.push(finding('error', 'debug_in_production', 'DEBUG'));
  if (values.ALLOWED_ORIGINS === '*') findings.push(finding('error', 'any_origin_in_production', 'ALLOWED_ORIGINS'));
  if (values.ALLOWED_ORIGINS === undefined)
    findings.push(finding('warning', 'allowed_origins_missing', 'ALLOWED_ORIGINS'));
  for (const name of ['REQUIRE_HTTPS', 'SESSION_COOKIE_SECURE'] as const) {
    if (values[name] === false) findings.push(finding('warning', 'https_off_in_production', name));
  }
  if (values.AGENT === 'fake') findings.push(finding('warning', 'fake_agent_in_production', 'AGENT'));
  return findings;
}

function checkTls({ values, effective, isProduction, cwd }: Resolution, probes: Probes): Finding[] {
  const names = ['SSL_CERT_PATH', 'SSL_KEY_PATH'] as const;
  const given = names.filter((name) => effective[name] !== undefined && effective[name].source !== 'default');
  const findings: Finding[] = [];
  if (given.length === 1) {
    const missing = given[0] === 'SSL_CERT_PATH' ? 'SSL_KEY_PATH' : 'SSL_CERT_PATH';
    findings.push(finding('error', 'tls_pair_incomplete', missing));
  }
  for (const name of names) {
    const path = values[name];
    if (path === undefined || probes.exists(resolvePath(cwd, path))) continue;
    if (given.includes(name)) findings.push(finding(isProduction ? 'error' : 'warning', 'tls_file_missing', name));
    else if (given.length === 0) findings.push(finding('warning', 'tls_default_missing', name, { path }));
  }
  return findings;
}

function checkDatabase(resolution: Resolution, probes: Probes): Finding[] {
  const { values, effective, isProduction, cwd } = resolution;
  const findings: Finding[] = [];
  const url = values.DATABASE_URL;
  const type = values.DATABASE_TYPE;
  let sqlitePath = type === 'sqlite' ? values.DEV_DATABASE_PATH : undefined;
  if (url !== undefined) {
    const address = parseDatabaseUrl(url, cwd);
    if (address === undefined) findings.push(finding('error', 'database_url_invalid', 'DATABASE_URL'));
    if (isLegacyUrl(url)) findings.push(finding('warning', 'database_url_legacy', 'DATABASE_URL'));
    if (address !== undefined && address.type !== 'sqlite' && (address.user === '' || address.password === '')) {
      findings.push(finding('warning', 'database_url_no_credentials', 'DATABASE_URL'));
    }
    const isTypeGiven = effective.DATABASE_TYPE !== undefined && effective.DATABASE_TYPE.source !== 'default';
    if (isTypeGiven && type !== undefined && engineOfUrl(url) !== type) {
      findings.push(finding('error', 'database_type_clash', 'DATABASE_TYPE'));
    }
    sqlitePath = address?.type === 'sqlite' ? address.path : undefined;
  } else if (isProduction && type !== undefined && type !== 'sqlite') {
    if (values.DB_PASSWORD === undefined) findings.push(finding('error', 'database_password_missing', 'DB_PASSWORD'));
    for (const name of ['DB_USER', 'DB_HOST', 'DB_NAME'] as const) {
      if (effective[name]?.source === 'default') findings.push(finding('warning', 'database_value_assumed', name));
    }
  }
  if (type !== undefined && values.DB_DRIVER !== undefined && values.DB_DRIVER !== driverOf[type]) {
    findings.push(finding('error', 'database_driver_clash', 'DB_DRIVER', { driver: driverOf[type] }));
  }
  if (!isProduction && sqlitePath !== undefined) {
    const folder = dirname(resolvePath(cwd, sqlitePath));
    if (!probes.isDirectory(folder)) {
      findings.push(finding('warning', 'database_folder_missing', 'DEV_DATABASE_PATH', { path: folder }));
    }
  }
  return findings;
}
