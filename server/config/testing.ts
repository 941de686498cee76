import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { loadConfig, redactedEntries, validateConfig, type Config } from '../config.ts';
import type { Probes } from '../environment.ts';

/** A random key, as people make it. */
export const key = '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806';
export const production = { ENVIRONMENT: 'production', SECRET_KEY: key, DATABASE_TYPE: 'sqlite' };
export const development = { ENVIRONMENT: 'development' };

/** A working folder of its own for every test of the calling file; `bench.cwd` is the current one. */
export function useBench() {
  const place = { cwd: '' };
  const statOf = (path: string) => (path.startsWith(place.cwd) ? statSync(path, { throwIfNoEntry: false }) : undefined);
  /** A server without systemd, containers and certificates; only files below the folder exist. */
  const probes: Omit<Probes, 'env'> = {
    isDirectory: (path) => statOf(path)?.isDirectory() ?? false,
    exists: (path) => statOf(path) !== undefined,
    readText: (path) => (statOf(path)?.isFile() === true ? readFileSync(path, 'utf8') : undefined),
    uid: () => 1000,
  };
  const bench = {
    get cwd() {
      return place.cwd;
    },
    probes,
    load(env: Record<string, string>, argv: string[] = []): Config {
      return loadConfig({ argv, env, cwd: place.cwd, probes });
    },
    /** Findings as `code VARIABLE`. */
    codesOf(env: Record<string, string>, argv: string[] = []) {
      const report = validateConfig({ argv, env, cwd: place.cwd, probes });
      const pairs = (list: readonly { code: string; variable: string }[]) =>
        list.map((entry) => `${entry.code} ${entry.variable}`);
      return { errors: pairs(report.errors), warnings: pairs(report.warnings), info: pairs(report.info), report };
    },
  };
  beforeEach(() => {
    place.cwd = mkdtempSync(join(tmpdir(), 'aapanel-config-'));
  });
  afterEach(() => rmSync(place.cwd, { recursive: true, force: true }));
  return bench;
}

/** `value source` of one entry. */
export function sourceOf(config: Config, name: string): string | undefined {
  const entry = redactedEntries(config).find((item) => item.key === name);
  return entry === undefined ? undefined : `${entry.value} ${entry.source}`;
}
