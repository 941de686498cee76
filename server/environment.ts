import { existsSync, readFileSync, statSync } from 'node:fs';
import { platform, release } from 'node:os';

export const environments = ['development', 'test', 'staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** Spellings accepted in ENVIRONMENT. */
export const environmentNames: Readonly<Record<string, Environment>> = {
  development: 'development',
  dev: 'development',
  test: 'test',
  staging: 'staging',
  production: 'production',
  prod: 'production',
};

/** What detection looks at. Injected, so that each rule can be tested on any machine. */
export type Probes = {
  readonly env: Readonly<Record<string, string | undefined>>;
  isDirectory(path: string): boolean;
  exists(path: string): boolean;
  /** undefined when the file cannot be read. */
  readText(path: string): string | undefined;
  /** Effective user id; undefined where the platform has none. */
  uid(): number | undefined;
};

export type EnvironmentInfo = {
  readonly environment: Environment;
  readonly is_replit: boolean;
  readonly is_production: boolean;
  readonly repl_id: string | null;
  readonly repl_owner: string | null;
  readonly has_systemd: boolean;
  /** ENVIRONMENT decided, not detection. */
  readonly manual_override: boolean;
  readonly node_version: string;
  readonly os_name: string;
  readonly os_release: string;
  readonly is_container: boolean;
  readonly is_root: boolean;
  /** Why this result, in order; the first one decided. Stable codes, explained by `aapanel env info`. */
  readonly reasons: readonly EnvironmentReason[];
};

export const environmentReasons = {
  environment_variable: {
    ar: 'المتغيّر ENVIRONMENT حدّد البيئة صراحةً',
    en: 'the variable ENVIRONMENT names the environment',
  },
  replit: {
    ar: 'المتغيّر REPL_ID أو REPL_OWNER موجود: هذه بيئة Replit',
    en: 'REPL_ID or REPL_OWNER is set: this is Replit',
  },
  systemd: { ar: 'المجلد /etc/systemd/system موجود', en: '/etc/systemd/system is a directory' },
  container: { ar: 'توجد علامة حاوية', en: 'a container marker was found' },
  in_doubt: {
    ar: 'لم تظهر أي علامة: عند الشك تُختار بيئة الإنتاج لأنها الأكثر أمانًا',
    en: 'nothing was recognised: in doubt production, the safe choice',
  },
} as const;
export type EnvironmentReason = keyof typeof environmentReasons;

/** ENVIRONMENT holds a value that is none of `environmentNames`. */
export class InvalidEnvironmentError extends Error {
  readonly value: string;

  constructor(value: string) {
    super(`ENVIRONMENT must be one of: ${Object.keys(environmentNames).join(', ')}`);
    this.name = 'InvalidEnvironmentError';
    this.value = value;
  }
}

/** The real machine, with the given variables. */
export function machineProbes(env: Probes['env']): Probes {
  return {
    env,
    isDirectory(path) {
      try {
        return statSync(path).isDirectory();
      } catch {
        return false;
      }
    },
    exists: existsSync,
    readText(path) {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    uid: () => process.geteuid?.(),
  };
}

/** The environment by ENVIRONMENT, Replit, server signs, in this order; production in doubt. Throws InvalidEnvironmentError. */
export function detectEnvironment(probes: Probes): Environment {
  return decide(probes).environment;
}

export function isReplit(probes: Probes): boolean {
  return value(probes, 'REPL_ID') !== null || value(probes, 'REPL_OWNER') !== null;
}

/** True for production and for staging, which has the same strict settings. */
export function isProduction(probes: Probes): boolean {
  return isStrict(detectEnvironment(probes));
}

export function isStrict(environment: Environment): boolean {
  return environment === 'production' || environment === 'staging';
}

/** Everything detection saw. Throws InvalidEnvironmentError. */
export function getEnvironmentInfo(probes: Probes): EnvironmentInfo {
  const { environment, reasons } = decide(probes);
  return {
    environment,
    is_replit: isReplit(probes),
    is_production: isStrict(environment),
    repl_id: value(probes, 'REPL_ID'),
    repl_owner: value(probes, 'REPL_OWNER'),
    has_systemd: hasSystemd(probes),
    manual_override: value(probes, 'ENVIRONMENT') !== null,
    node_version: process.versions.node,
    os_name: platform(),
    os_release: osRelease(probes),
    is_container: isContainer(probes),
    is_root: probes.uid() === 0,
    reasons,
  };
}

function decide(probes: Probes): { environment: Environment; reasons: EnvironmentReason[] } {
  const named = value(probes, 'ENVIRONMENT');
  if (named !== null) {
    const key = named.toLowerCase();
    const environment = Object.hasOwn(environmentNames, key) ? environmentNames[key] : undefined;
    if (environment === undefined) throw new InvalidEnvironmentError(named);
    return { environment, reasons: ['environment_variable'] };
  }
  if (isReplit(probes)) return { environment: 'development', reasons: ['replit'] };
  const reasons: EnvironmentReason[] = [];
  if (hasSystemd(probes)) reasons.push('systemd');
  if (isContainer(probes)) reasons.push('container');
  return { environment: 'production', reasons: reasons.length === 0 ? ['in_doubt'] : reasons };
}

function hasSystemd(probes: Probes): boolean {
  return probes.isDirectory('/etc/systemd/system');
}

/**
 * Application containers (Docker, Podman, Kubernetes). A machine that boots systemd inside LXC or nspawn is a server:
 * nginx runs beside the panel there.
 */
function isContainer(probes: Probes): boolean {
  if (probes.exists('/.dockerenv') || probes.exists('/run/.containerenv')) return true;
  if (value(probes, 'KUBERNETES_SERVICE_HOST') !== null) return true;
  const cgroup = probes.readText('/proc/1/cgroup') ?? '';
  return /docker|containerd|kubepods|libpod/.test(cgroup);
}

/** PRETTY_NAME of os-release, or the kernel's release. */
function osRelease(probes: Probes): string {
  const pretty = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(probes.readText('/etc/os-release') ?? '')?.[1];
  return pretty ?? release();
}

/** Trimmed; null when absent or empty. */
function value(probes: Probes, name: string): string | null {
  const text = probes.env[name]?.trim() ?? '';
  return text === '' ? null : text;
}
