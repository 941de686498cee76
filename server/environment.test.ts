import { describe, expect, it } from 'vitest';
import {
  detectEnvironment,
  getEnvironmentInfo,
  InvalidEnvironmentError,
  isProduction,
  isReplit,
  type Environment,
  type Probes,
} from './environment.ts';

type Machine = { env?: Record<string, string>; directories?: string[]; files?: Record<string, string>; uid?: number };

function machine({ env = {}, directories = [], files = {}, uid = 1000 }: Machine): Probes {
  return {
    env,
    isDirectory: (path) => directories.includes(path),
    exists: (path) => Object.hasOwn(files, path),
    readText: (path) => files[path],
    uid: () => uid,
  };
}

const systemd = ['/etc/systemd/system'];

describe('P1.1-1 detection follows the table', () => {
  const named: [string, Environment][] = [
    ['development', 'development'],
    ['dev', 'development'],
    ['test', 'test'],
    ['staging', 'staging'],
    ['production', 'production'],
    ['prod', 'production'],
    ['  Production ', 'production'],
    ['DEV', 'development'],
  ];
  for (const directories of [systemd, []]) {
    const where = directories.length > 0 ? 'with systemd' : 'without systemd';
    it.each(named)(`P1.1-1 row 1 ${where}: ENVIRONMENT=%j is %s, whatever the machine looks like`, (text, expected) => {
      const probes = machine({ env: { ENVIRONMENT: text, REPL_ID: 'x' }, directories });
      expect(detectEnvironment(probes)).toBe(expected);
      expect(getEnvironmentInfo(probes).reasons).toEqual(['environment_variable']);
    });
    it.each(['REPL_ID', 'REPL_OWNER'])(`P1.1-1 row 2 ${where}: %s alone means development`, (name) => {
      const probes = machine({ env: { [name]: 'x' }, directories });
      expect(detectEnvironment(probes)).toBe('development');
      expect(getEnvironmentInfo(probes).reasons).toEqual(['replit']);
      expect(isReplit(probes)).toBe(true);
    });
    it(`P1.1-1 row 2 ${where}: empty Replit variables are no sign of Replit`, () => {
      const probes = machine({ env: { REPL_ID: ' ', REPL_OWNER: '' }, directories });
      expect(detectEnvironment(probes)).toBe('production');
      expect(isReplit(probes)).toBe(false);
    });
  }
  it('P1.1-1 row 3: a systemd folder means production, and is the reason', () => {
    const info = getEnvironmentInfo(machine({ directories: systemd }));
    expect(info).toMatchObject({ environment: 'production', has_systemd: true, reasons: ['systemd'] });
  });
  it.each([
    [{ '/.dockerenv': '' }, {}],
    [{ '/run/.containerenv': '' }, {}],
    [{ '/proc/1/cgroup': '0::/kubepods/pod1' }, {}],
    [{}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
  ])('P1.1-1 row 3: a container marker means production, and is the reason (%j %j)', (files, env) => {
    const info = getEnvironmentInfo(machine({ files, env }));
    expect(info).toMatchObject({ environment: 'production', is_container: true, reasons: ['container'] });
  });
  it('P1.1-1 row 4: a machine without any sign is production, for want of a better answer', () => {
    const info = getEnvironmentInfo(machine({ files: { '/proc/1/cgroup': '0::/init.scope' } }));
    expect(info).toMatchObject({ environment: 'production', has_systemd: false, is_container: false });
    expect(info.reasons).toEqual(['in_doubt']);
  });
});

describe('environment facts', () => {
  it('P1.1-2 an unknown ENVIRONMENT is an error that names the allowed values', () => {
    const probes = machine({ env: { ENVIRONMENT: 'produktion' } });
    expect(() => detectEnvironment(probes)).toThrow(InvalidEnvironmentError);
    expect(() => detectEnvironment(probes)).toThrow(/development.*test.*staging.*production/);
  });
  it('P1.1-2 names of the prototype are not environments', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(() => detectEnvironment(machine({ env: { ENVIRONMENT: name } }))).toThrow(InvalidEnvironmentError);
    }
  });
  it('staging counts as production, test and development do not', () => {
    const verdicts = ['staging', 'production', 'test', 'development'].map((ENVIRONMENT) =>
      isProduction(machine({ env: { ENVIRONMENT } })),
    );
    expect(verdicts).toEqual([true, true, false, false]);
  });
  it('the user id decides is_root, os-release names the system', () => {
    const files = { '/etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12"\n' };
    expect(getEnvironmentInfo(machine({ uid: 0, files }))).toMatchObject({
      is_root: true,
      os_release: 'Debian GNU/Linux 12',
    });
    expect(getEnvironmentInfo(machine({ uid: 1000 })).is_root).toBe(false);
  });
});
