import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import {
  getEnvironmentInfo,
  InvalidEnvironmentError,
  isStrict,
  type EnvironmentInfo,
  type Probes,
} from '../environment.ts';
import type { ConfigSource } from './config-type.ts';
import { defaultPortOf, driverOf, engineOfUrl } from './database.ts';
import { finding, type Finding } from './findings.ts';
import type { Rule } from './rules.ts';
import type { Given, GivenValues } from './sources.ts';
import { variableNames, variables, type Values, type Variable, type VariableName } from './variables.ts';

/** All layers put together: typed values, where each came from, and what was refused on the way. */
export type Resolution = {
  readonly values: Values;
  /** Text and source of every value that exists. */
  readonly effective: { readonly [Name in VariableName]?: Given };
  readonly info: EnvironmentInfo;
  readonly isProduction: boolean;
  readonly cwd: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly findings: readonly Finding[];
};

/** One temporary data folder per process in the test environment; made when the configuration is. */
export const testDataDir = join(tmpdir(), `aapanel-test-${process.pid}-${randomBytes(6).toString('hex')}`);

/** Folder of package.json. */
export const rootDir = join(import.meta.dirname, '..', '..');

/** Adds defaults and derived values to what was given, then parses everything by its rule. */
export function resolveValues(given: GivenValues, cwd: string, probes: Probes): Resolution {
  const findings: Finding[] = [];
  const info = detect(given, probes, findings);
  const isProduction = isStrict(info.environment);
  const effective: Partial<Record<VariableName, Given>> = {};
  for (const name of variableNames) {
    const variable = variables[name] as Variable<unknown>;
    const fallback = isProduction ? variable.production : variable.development;
    const value = given[name] ?? (fallback === undefined ? undefined : { text: fallback, source: 'default' as const });
    if (value !== undefined) effective[name] = value;
  }
  const derive = (name: VariableName, text: string, source: ConfigSource = 'derived') => {
    if (given[name] === undefined) effective[name] = { text, source };
  };

  derive('ENVIRONMENT', info.environment);
  if (info.environment === 'test') derive('DATA_DIR', testDataDir);
  const dataDir = resolvePath(cwd, variables.DATA_DIR.rule.parse(effective.DATA_DIR?.text ?? '')?.value ?? 'data');
  const portFile = probes.readText(join(dataDir, 'port.pl'))?.trim() ?? '';
  if (portFile !== '') derive('PORT', portFile, 'file');
  if (isProduction && info.is_container) derive('HOST', '0.0.0.0');
  derive('WEB_DIST_DIR', join(rootDir, 'dist', 'web'));
  if (!isProduction) derive('AAPANEL_AGENT_SOCKET', join(dataDir, 'run', 'agent.sock'));
  if (info.is_replit) derive('LOG_FILE_PATH', join(cwd, 'logs', 'app.log'));
  derive('DEV_DATABASE_PATH', join(dataDir, 'db', isProduction ? 'panel.db' : 'dev_database.db'));
  const engine = given.DATABASE_URL === undefined ? undefined : engineOfUrl(given.DATABASE_URL.text);
  if (engine !== undefined) derive('DATABASE_TYPE', engine);

  const values = parseAll(effective, findings);
  const type = values.DATABASE_TYPE;
  if (type !== undefined) {
    values.DB_DRIVER ??= driverOf[type];
    derive('DB_DRIVER', driverOf[type]);
    if (type !== 'sqlite') {
      values.DB_PORT ??= defaultPortOf[type];
      derive('DB_PORT', String(defaultPortOf[type]));
    }
  }
  return { values, effective, info, isProduction, cwd, dataDir, findings };
}

/** An unknown ENVIRONMENT is an error; the remaining checks then run as for production, the strictest. */
function detect(given: GivenValues, probes: Probes, findings: Finding[]): EnvironmentInfo {
  const names = ['ENVIRONMENT', 'REPL_ID', 'REPL_OWNER'] as const;
  const env = { ...probes.env, ...Object.fromEntries(names.map((name) => [name, given[name]?.text])) };
  try {
    return getEnvironmentInfo({ ...probes, env });
  } catch (error) {
    if (!(error instanceof InvalidEnvironmentError)) throw error;
    findings.push(refused('ENVIRONMENT'));
    return getEnvironmentInfo({ ...probes, env: { ...env, ENVIRONMENT: 'production' } });
  }
}

function parseAll(effective: Partial<Record<VariableName, Given>>, findings: Finding[]): Values {
  const values: Partial<Record<VariableName, unknown>> = {};
  for (const name of variableNames) {
    const value = effective[name];
    if (value === undefined) continue;
    const parsed = (variables[name].rule as Rule<unknown>).parse(value.text);
    if (parsed !== undefined) values[name] = parsed.value;
    else if (name !== 'ENVIRONMENT') findings.push(refused(name));
  }
  // Each value was made by the rule of its own name two lines above.
  return values as Values;
}

function refused(name: VariableName): Finding {
  const { allowed } = variables[name].rule;
  return finding('error', 'invalid_value', name, { allowedAr: allowed.ar, allowedEn: allowed.en });
}
