import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cliMain as main, runCli } from './testing.ts';

const key = '7f3c9a51e8b2d4067f1ca93be5d80246c1b7e9f4a3d25806';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'aapanel-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** The real command in an empty folder, with nothing but the given variables. */
const aapanel = (args: string[], env: Record<string, string> = {}) => runCli(cwd, args, env);
function expectNoStack(text: string): void {
  expect(text).not.toMatch(/^\s+at .+:\d+/m);
}

describe('usage', () => {
  it('without a command the help is shown, in Arabic where the locale says so', () => {
    expect(aapanel([]).out).toContain('Usage: aapanel');
    expect(aapanel([], { LANG: 'ar_EG.UTF-8' }).out).toContain('الاستعمال: aapanel');
    expect(aapanel(['help', '--lang', 'ar']).out).toContain('الاستعمال');
    expect(aapanel(['--lang=en', 'help'], { LANG: 'ar' }).out).toContain('Usage');
  });
  it.each([
    [['frobnicate']],
    [['env']],
    [['env', 'validate', '--frob']],
    [['env', 'validate', '--dev', '--prod']],
    [['start', '--port']],
    [['start', 'extra']],
    [['config', 'show', '--reveal']],
    [['health']],
    [['reset-password']],
    [['constructor']],
  ])('wrong usage %j ends with 64, one explanation and no stack', (args) => {
    const { code, out, err } = aapanel(args);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(err).toContain('aapanel help');
    expectNoStack(err);
  });
  it('version prints the version of package.json', () => {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')));
    expect(aapanel(['version'])).toEqual({ code: 0, out: `aapanel ${version}\n`, err: '' });
  });
});

describe('env info', () => {
  const info = z.strictObject({
    environment: z.enum(['development', 'test', 'staging', 'production']),
    is_replit: z.boolean(),
    is_production: z.boolean(),
    repl_id: z.string().nullable(),
    repl_owner: z.string().nullable(),
    has_systemd: z.boolean(),
    manual_override: z.boolean(),
    node_version: z.string().regex(/^\d+\.\d+\.\d+$/),
    os_name: z.string().min(1),
    os_release: z.string().min(1),
    is_container: z.boolean(),
    is_root: z.boolean(),
    reasons: z.array(z.enum(['environment_variable', 'replit', 'systemd', 'container', 'in_doubt'])).min(1),
  });
  const read = (env: Record<string, string>) => {
    const { code, out } = aapanel(['env', 'info', '--json'], env);
    expect(code).toBe(0);
    return info.parse(JSON.parse(out));
  };
  it('P1.1-4 all fields with the reason: Replit, a container, a named environment', () => {
    expect(read({ REPL_ID: 'x' })).toMatchObject({ environment: 'development', repl_id: 'x', reasons: ['replit'] });
    const container = read({ KUBERNETES_SERVICE_HOST: '10.0.0.1' });
    expect(container).toMatchObject({ environment: 'production', is_container: true, manual_override: false });
    expect(container.reasons).toContain('container');
    expect(read({ ENVIRONMENT: 'staging' })).toMatchObject({ is_production: true, reasons: ['environment_variable'] });
  });
  it('P1.1-4 the reason is a sentence in the language of the person', () => {
    expect(aapanel(['env', 'info'], { REPL_ID: 'x' }).out).toContain('this is Replit');
    expect(aapanel(['env', 'info', '--lang', 'ar'], { REPL_ID: 'x' }).out).toContain('هذه بيئة Replit');
  });
  it('ENVIRONMENT of the file counts', () => {
    writeFileSync(join(cwd, '.env'), 'ENVIRONMENT=test\n');
    expect(read({})).toMatchObject({ environment: 'test', manual_override: true });
  });
});

describe('starting with bad settings', () => {
  it('P1.1-2 ENVIRONMENT=produktion ends with 1 and the allowed values', () => {
    for (const args of [['start'], ['start', '--check'], ['env', 'info'], ['config', 'show']]) {
      const { code, out, err } = aapanel(args, { ENVIRONMENT: 'produktion', SECRET_KEY: key });
      expect(code).toBe(1);
      expect(out + err).toMatch(/ENVIRONMENT.*development.*test.*staging.*production/);
      expectNoStack(out + err);
    }
  });
  it('P1.1-2 ENVIRONMENT with blanks around production is production', () => {
    const env = { ENVIRONMENT: 'production ', SECRET_KEY: key, DATABASE_TYPE: 'sqlite' };
    expect(aapanel(['config', 'show'], env).out).toMatch(/^ENVIRONMENT +environment +production$/m);
  });
  it('P1.1-3 in an empty folder without variables start ends with 1 and names the way out', () => {
    const { code, out, err } = aapanel(['start']);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('ENVIRONMENT=development');
    expect(readdirSync(cwd)).toEqual([]);
  });
  it.each([
    ['DB_POOL_SIZE', 'abc'],
    ['PORT', '70000'],
  ])('P1.2-1 %s=%s: start ends with 1, names the variable, shows no stack', (name, value) => {
    const { code, err } = aapanel(['start'], { ENVIRONMENT: 'development', [name]: value });
    expect(code).toBe(1);
    expect(err).toContain(name);
    expectNoStack(err);
  });
});

describe('config show', () => {
  it('P1.2-2 no option makes it reveal a secret', () => {
    const env = {
      ENVIRONMENT: 'production',
      SECRET_KEY: key,
      DATABASE_URL: 'postgresql://panel:UrlPass@db.example/panel',
      DB_PASSWORD: 'DirectPass',
      REDIS_URL: 'redis://:RedisPass@cache/0',
      SSL_KEY_PATH: main,
      SSL_CERT_PATH: main,
    };
    for (const args of [[], ['--json'], ['--reveal'], ['--json', '--show-secrets'], ['--lang', 'ar']]) {
      const { out, err } = aapanel(['config', 'show', ...args], env);
      const shown = (out + err).replaceAll(
        new RegExp(`^SSL_CERT_PATH.*$|"key": "SSL_CERT_PATH",\\s+"value": ".*"`, 'gm'),
        '',
      );
      for (const secret of [key, 'UrlPass', 'DirectPass', 'RedisPass', main]) expect(shown).not.toContain(secret);
    }
    expect(aapanel(['config', 'show'], env).out).toContain(`***(${key.length})`);
  });
  it('P1.2-2 PORT of all four layers, removed one by one', () => {
    writeFileSync(join(cwd, '.env'), 'PORT=5052\n');
    const row = (env: Record<string, string> = {}) =>
      /^PORT +(.*)$/m.exec(aapanel(['config', 'show'], { ENVIRONMENT: 'development', ...env }).out)?.[1];
    expect(row({ PORT: '5053' })).toMatch(/^environment +5053$/);
    expect(row()).toMatch(/^file +5052$/);
    rmSync(join(cwd, '.env'));
    expect(row()).toMatch(/^default +5000$/);
  });
});

describe('the validator and the start', () => {
  const prod = { ENVIRONMENT: 'production', SECRET_KEY: key, DATABASE_TYPE: 'sqlite' };
  const dev = { ENVIRONMENT: 'development' };
  const cases: [string, Record<string, string>, number][] = [
    ['port', { ...prod, PORT: '80' }, 1],
    ['environment', { ...prod, ENVIRONMENT: 'live' }, 1],
    ['database URL scheme', { ...dev, DATABASE_URL: 'oracle://a' }, 1],
    ['old database URL', { ...dev, DATABASE_URL: 'mysql+pymysql://u:p@h/db' }, 0],
    ['URL without credentials', { ...dev, DATABASE_URL: 'mysql://h/db' }, 0],
    ['no allowed origins', prod, 0],
    ['no key in development', dev, 0],
    ['no database password', { ENVIRONMENT: 'production', SECRET_KEY: key }, 1],
    ['no key in production', { ...prod, SECRET_KEY: '' }, 1],
    ['placeholder key', { ...prod, SECRET_KEY: 'your-secret-key-here-change-in-production' }, 1],
    ['short key', { ...prod, SECRET_KEY: 'a1b2c3d4e5f6' }, 1],
    ['certificate without key', { ...prod, SSL_CERT_PATH: main }, 1],
    ['key without certificate', { ...prod, SSL_KEY_PATH: main }, 1],
    ['named certificate missing', { ...prod, SSL_CERT_PATH: '/no/c', SSL_KEY_PATH: '/no/k' }, 1],
    ['named certificate missing in development', { ...dev, SSL_CERT_PATH: '/no/c', SSL_KEY_PATH: '/no/k' }, 0],
    ['unknown driver', { ...dev, DB_DRIVER: 'oracledb' }, 1],
    ['driver of another engine', { ...dev, DB_DRIVER: 'pg' }, 1],
    ['engine clash', { ...dev, DATABASE_TYPE: 'sqlite', DATABASE_URL: 'mysql://u:p@h/db' }, 1],
    ['Replit', { REPL_ID: 'x' }, 0],
  ];
  it.each(cases)('P1.3-1 %s: env validate and start --check say the same', (_name, env, expected) => {
    const validated = aapanel(['env', 'validate'], env);
    const checked = aapanel(['start', '--check'], env);
    expect(checked).toEqual(validated);
    expect(validated.code).toBe(expected);
    expect(readdirSync(cwd)).toEqual([]);
  });
  it('P1.2-7 a clash of DATABASE_TYPE and DATABASE_URL ends the start with 1', () => {
    const env = { ...dev, DATABASE_TYPE: 'mysql', DATABASE_URL: 'postgres://u:p@h/db' };
    expect(aapanel(['start'], env).code).toBe(1);
  });
  it('--strict turns warnings into failure, --quiet hides them, --json holds the whole report', () => {
    expect(aapanel(['env', 'validate', '--strict'], prod).code).toBe(1);
    expect(aapanel(['env', 'validate', '-q'], prod)).toEqual({ code: 0, out: '', err: '' });
    expect(aapanel(['env', 'validate'], prod).out).toContain('ALLOWED_ORIGINS');
    const report = z
      .strictObject({
        environment: z.literal('production'),
        errors: z.array(z.unknown()).length(0),
        warnings: z.array(z.object({ code: z.string(), variable: z.string() })).min(1),
        info: z.array(z.unknown()),
        is_valid: z.literal(true),
        has_warnings: z.literal(true),
        summary: z.object({ ar: z.string(), en: z.string() }),
      })
      .parse(JSON.parse(aapanel(['env', 'validate', '--json'], prod).out));
    expect(report.warnings.map((entry) => entry.code)).toContain('allowed_origins_missing');
  });
  it('--dev and --prod choose the environment to check against', () => {
    expect(aapanel(['env', 'validate', '--dev']).code).toBe(0);
    expect(aapanel(['env', 'validate', '--development']).out).toContain('development');
    expect(aapanel(['env', 'validate', '--prod'], dev).code).toBe(1);
  });
});

describe('a panel that is not there', () => {
  it('health and status end with 1 and say so', () => {
    const env = { ENVIRONMENT: 'development', PORT: '15002' };
    for (const args of [['health', '--ready'], ['health', '--live'], ['status']]) {
      const { code, out, err } = aapanel(args, env);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('127.0.0.1:15002');
    }
  });
});
