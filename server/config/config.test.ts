import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, environmentInfo, loadConfig, redactedEntries } from '../config.ts';
import { useBench, key, production, development, sourceOf } from './testing.ts';

const bench = useBench();

describe('one frozen configuration', () => {
  it('P1.2-1 two calls give the same object, and assignment throws at every depth', () => {
    const config = bench.load(development);
    expect(bench.load(development)).toBe(config);
    const open = config as unknown as {
      port: number;
      database: { pool: { size: number } };
      trustedProxies: string[];
    };
    expect(() => (open.port = 1)).toThrow(TypeError);
    expect(() => (open.database.pool.size = 1)).toThrow(TypeError);
    expect(() => open.trustedProxies.push('10.0.0.1')).toThrow(TypeError);
  });
  it.each([
    ['DB_POOL_SIZE', 'abc'],
    ['PORT', '70000'],
    ['PORT', '80'],
    ['PORT', '5000.5'],
    ['PORT', '0x1388'],
  ])('P1.2-1 %s=%s is refused, naming the variable and not the value', (name, value) => {
    const error = (() => {
      try {
        return bench.load({ ...development, [name]: value });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    const [first] = (error as ConfigError).report.errors;
    expect(first).toMatchObject({ code: 'invalid_value', variable: name });
    expect(first?.message.en).toContain(name);
    expect(first?.message.ar).toContain(name);
  });
  it('P1.2-1 a refused value never appears in a message: it could be a secret in the wrong place', () => {
    const { report } = bench.codesOf({ ...production, DATABASE_URL: 'hunter2hunter2', PORT: 'hunter2hunter2' });
    expect(report.errors.length).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });
});

describe('layers', () => {
  it('P1.2-2 PORT: command line over environment over file over port.pl over default, with its source', () => {
    mkdirSync(join(bench.cwd, 'data'));
    writeFileSync(join(bench.cwd, 'data', 'port.pl'), '5011\n');
    writeFileSync(join(bench.cwd, '.env'), 'PORT=5012\n');
    const env = { ...development, PORT: '5013' };
    expect(sourceOf(bench.load(env, ['--port', '5014']), 'PORT')).toBe('5014 cli');
    expect(bench.load(env, ['--port=5014']).port).toBe(5014);
    expect(sourceOf(bench.load(env), 'PORT')).toBe('5013 environment');
    expect(sourceOf(bench.load(development), 'PORT')).toBe('5012 file');
    rmSync(join(bench.cwd, '.env'));
    expect(sourceOf(bench.load({ ...development, DEBUG: 'true' }), 'PORT')).toBe('5011 file');
    rmSync(join(bench.cwd, 'data', 'port.pl'));
    expect(sourceOf(bench.load({ ...development, DEBUG: 'false' }), 'PORT')).toBe('5000 default');
  });
  it('P1.2-2 a wrong layer that loses does no harm, a wrong layer that wins does', () => {
    writeFileSync(join(bench.cwd, '.env'), 'PORT=70000\n');
    expect(bench.load({ ...development, PORT: '5020' }).port).toBe(5020);
    expect(bench.codesOf(development).errors).toEqual(['invalid_value PORT']);
  });
  it('P1.2-2 an empty value is not a value', () => {
    writeFileSync(join(bench.cwd, '.env'), 'PORT=5021\n');
    expect(bench.load({ ...development, PORT: '  ' }).port).toBe(5021);
  });
  it('P1.2-2 secrets are shown as their length only, in every environment', () => {
    const secrets = {
      SECRET_KEY: key,
      PREVIOUS_SECRET_KEYS: '0b5d92e7c4a8f1630b5e92d7c4a8f163ffee0912',
      DB_PASSWORD: 'p@s:s/w#é%',
      SSL_KEY_PATH: join(bench.cwd, 'private-key-file.pem'),
      SSL_CERT_PATH: join(bench.cwd, 'cert.pem'),
      DATABASE_URL: 'postgresql://u:UrlPass%40word@db.example/panel',
      REDIS_URL: 'redis://:RedisPass@cache:6379/0',
    };
    writeFileSync(secrets.SSL_KEY_PATH, '');
    writeFileSync(secrets.SSL_CERT_PATH, '');
    for (const environment of ['development', 'production']) {
      const config = bench.load({ ENVIRONMENT: environment, ...secrets });
      const shown = JSON.stringify(redactedEntries(config));
      for (const hidden of [key, '0b5d92e7', 'p@s:s', 'private-key-file', 'UrlPass', 'RedisPass']) {
        expect(shown).not.toContain(hidden);
      }
      expect(sourceOf(config, 'SECRET_KEY')).toBe(`***(${key.length}) environment`);
      expect(sourceOf(config, 'DB_PASSWORD')).toBe('***(10) environment');
      expect(redactedEntries(config).filter((entry) => entry.isSecret).length).toBe(6);
    }
  });
  it('values with blanks and # in quotes are read whole', () => {
    writeFileSync(join(bench.cwd, '.env'), 'DOMAIN_NOTE="a b # c"\nREPL_OWNER="a b # c"\n');
    expect(environmentInfo({ argv: [], env: development, cwd: bench.cwd, probes: bench.probes }).repl_owner).toBe(
      'a b # c',
    );
    expect(bench.codesOf(development).info).toContain('unknown_variable DOMAIN_NOTE');
  });
  it('a misspelt variable of the file is pointed out', () => {
    writeFileSync(join(bench.cwd, '.env'), 'SECRET_KYE=x\n');
    const { report } = bench.codesOf(development);
    expect(report.warnings.map((entry) => entry.message.en).join('\n')).toContain('SECRET_KEY');
  });
  it('a file that AAPANEL_ENV_FILE names must exist', () => {
    const AAPANEL_ENV_FILE = join(bench.cwd, 'panel.env');
    expect(bench.codesOf({ ...development, AAPANEL_ENV_FILE }).errors).toEqual(['env_file_missing AAPANEL_ENV_FILE']);
    writeFileSync(AAPANEL_ENV_FILE, '\uFEFFPORT=5031\n');
    expect(bench.load({ ...development, AAPANEL_ENV_FILE }).port).toBe(5031);
  });
  it('relative paths follow the given folder, not the one the process runs in', () => {
    const config = bench.load({ ...development, DATA_DIR: 'here', LOG_FILE_PATH: 'there/a.log' });
    expect(config.dataDir).toBe(join(bench.cwd, 'here'));
    expect(config.logFilePath).toBe(join(bench.cwd, 'there', 'a.log'));
    expect(config.database).toMatchObject({ type: 'sqlite', path: join(bench.cwd, 'here', 'db', 'dev_database.db') });
  });
});

describe('settings of an environment', () => {
  it('development and production differ as the table says', () => {
    const dev = bench.load(development);
    const prod = bench.load(production);
    expect(dev).toMatchObject({
      isDebug: true,
      host: '0.0.0.0',
      port: 5000,
      cookie: { isSecure: false, sameSite: 'lax', lifetimeSeconds: 3600 },
      cors: { origins: '*' },
      bodyLimitBytes: 16 * 1024 * 1024,
      requireHttps: false,
      logLevel: 'DEBUG',
      logFilePath: null,
      database: { isSqlShown: true, pool: { size: 5, maxOverflow: 10, timeoutSeconds: 30, recycleSeconds: 3600 } },
    });
    expect(prod).toMatchObject({
      isDebug: false,
      host: '127.0.0.1',
      port: 5000,
      cookie: { isSecure: true, sameSite: 'strict', lifetimeSeconds: 3600 },
      cors: { origins: [] },
      bodyLimitBytes: 16 * 1024 * 1024,
      requireHttps: true,
      logLevel: 'WARNING',
      logFilePath: '/var/log/app/production.log',
      database: { isSqlShown: false, pool: { isPrePing: true } },
    });
  });
  it('staging is production under its own name, test is development with a folder of its own', () => {
    const { environment, ...staging } = bench.load({ ...production, ENVIRONMENT: 'staging' });
    const prod = bench.load(production);
    expect(environment).toBe('staging');
    expect({ ...staging, detection: null, entries: null, sessionKey: null }).toEqual({
      ...prod,
      environment: undefined,
      detection: null,
      entries: null,
      sessionKey: null,
    });
    const test = bench.load({ ENVIRONMENT: 'test' });
    expect(test).toMatchObject({ environment: 'test', isProduction: false, logLevel: 'DEBUG' });
    expect(test.dataDir.startsWith(tmpdir())).toBe(true);
    expect(statSync(test.dataDir).mode & 0o777).toBe(0o700);
    rmSync(test.dataDir, { recursive: true });
  });
  it('inside an application container production listens on every address', () => {
    const container = { ...bench.probes, exists: (path: string) => path === '/.dockerenv' };
    expect(loadConfig({ argv: [], env: { ...production, PORT: '5002' }, cwd: bench.cwd, probes: container }).host).toBe(
      '0.0.0.0',
    );
  });
  it('P1.2-7 ALLOWED_ORIGINS yields trimmed items', () => {
    const config = bench.load({ ...production, ALLOWED_ORIGINS: ' https://a , https://b ' });
    expect(config.cors.origins).toEqual(['https://a', 'https://b']);
  });
  it('the development key is made once per data folder with mode 0600', () => {
    const first = bench.load(development);
    const file = join(bench.cwd, 'data', 'secret.key');
    const stored = readFileSync(file, 'utf8');
    expect(stored).toMatch(/^[0-9a-f]{64}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(bench.codesOf(development).warnings).not.toContain('secret_key_generated SECRET_KEY');
    const second = bench.load({ ...development, PORT: '5050' });
    expect(second.sessionKey.equals(first.sessionKey)).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(stored);
    expect(readdirSync(join(bench.cwd, 'data'))).toEqual(['secret.key']);
  });
});
