import { describe, expect, it } from 'vitest';
import { development, key, production, useBench } from './testing.ts';
import { variableNames, variables, type Variable, type VariableName } from './variables.ts';

const bench = useBench();

describe('every variable', () => {
  const badValues: Partial<Record<VariableName, string>> = {
    ALLOWED_ORIGINS: 'https://good.example, not an origin',
    BACKUP_COMPRESSION_LEVEL: '10',
    DB_PORT: '0',
    DB_HOST: '-bad-',
    HOST: '999.1.1.1',
    DATABASE_URL: 'oracle://u:p@h/db',
    REDIS_URL: 'http://localhost:6379',
    PUBLIC_URL: 'https://panel.example.com/path',
    TRUSTED_PROXIES: '10.0.0.0/33',
    PREVIOUS_SECRET_KEYS: 'a\u0000b',
    AWS_S3_BUCKET: 'A_b',
  };
  it.each(variableNames)('P1.3-4 a bad value of %s is refused', (name) => {
    // Control characters and outsized text are no good anywhere.
    const bad = badValues[name] ?? (name.endsWith('_ENV_FILE') ? 'relative' : `a\nb${'x'.repeat(2_000)}`);
    const { errors } = bench.codesOf({ ...development, [name]: bad });
    expect(errors).toContain(`${name === 'AAPANEL_ENV_FILE' ? 'env_file_missing' : 'invalid_value'} ${name}`);
  });
  it.each(variableNames)('P1.3-4 the defaults and example values of %s obey its own rule', (name) => {
    const variable = variables[name] as Variable<unknown>;
    for (const text of [variable.development, variable.production, variable.docker]) {
      if (text !== undefined) expect(variable.rule.parse(text)).toBeDefined();
    }
  });
  it('P1.3-4 production with only SECRET_KEY asks for the password of the default engine', () => {
    const { errors, warnings } = bench.codesOf({ ENVIRONMENT: 'production', SECRET_KEY: key });
    expect(errors).toEqual(['database_password_missing DB_PASSWORD']);
    expect(warnings).toEqual(
      expect.arrayContaining(['DB_USER', 'DB_HOST', 'DB_NAME'].map((name) => `database_value_assumed ${name}`)),
    );
    const explicit = bench.codesOf({ ENVIRONMENT: 'production', SECRET_KEY: key, DATABASE_TYPE: 'postgresql' });
    expect(explicit.errors).toEqual(errors);
  });
});

describe('rules about several variables', () => {
  const cases: [string, Record<string, string>, 'errors' | 'warnings' | 'info'][] = [
    ['debug_in_production DEBUG', { ...production, DEBUG: 'true' }, 'errors'],
    ['any_origin_in_production ALLOWED_ORIGINS', { ...production, ALLOWED_ORIGINS: '*' }, 'errors'],
    ['allowed_origins_missing ALLOWED_ORIGINS', production, 'warnings'],
    ['https_off_in_production REQUIRE_HTTPS', { ...production, REQUIRE_HTTPS: 'false' }, 'warnings'],
    ['https_off_in_production SESSION_COOKIE_SECURE', { ...production, SESSION_COOKIE_SECURE: 'no' }, 'warnings'],
    ['fake_agent_in_production AGENT', { ...production, AGENT: 'fake' }, 'warnings'],
    ['tls_default_missing SSL_CERT_PATH', production, 'warnings'],
    ['tls_pair_incomplete SSL_KEY_PATH', { ...production, SSL_CERT_PATH: '/no/cert.pem' }, 'errors'],
    ['tls_pair_incomplete SSL_CERT_PATH', { ...development, SSL_KEY_PATH: '/no/key.pem' }, 'errors'],
    ['tls_file_missing SSL_CERT_PATH', { ...production, SSL_CERT_PATH: '/no/c', SSL_KEY_PATH: '/no/k' }, 'errors'],
    ['tls_file_missing SSL_KEY_PATH', { ...development, SSL_CERT_PATH: '/no/c', SSL_KEY_PATH: '/no/k' }, 'warnings'],
    ['database_folder_missing DEV_DATABASE_PATH', development, 'warnings'],
    ['secret_key_generated SECRET_KEY', development, 'warnings'],
    ['database_url_invalid DATABASE_URL', { ...development, DATABASE_URL: 'mysql://u:p@h:99999/db' }, 'errors'],
    ['database_url_invalid DATABASE_URL', { ...development, DATABASE_URL: 'mysql://u:100%@h/db' }, 'errors'],
    ['database_url_legacy DATABASE_URL', { ...development, DATABASE_URL: 'mysql+pymysql://u:p@h/db' }, 'warnings'],
    ['database_url_no_credentials DATABASE_URL', { ...development, DATABASE_URL: 'mysql://h/db' }, 'warnings'],
    [
      'database_type_clash DATABASE_TYPE',
      { ...development, DATABASE_TYPE: 'mysql', DATABASE_URL: 'postgres://u:p@h/db' },
      'errors',
    ],
    ['database_driver_clash DB_DRIVER', { ...development, DB_DRIVER: 'pg' }, 'errors'],
    ['on_replit REPL_ID', { REPL_ID: 'x' }, 'info'],
    ['invalid_value ENVIRONMENT', { ENVIRONMENT: 'produktion', SECRET_KEY: key, DATABASE_TYPE: 'sqlite' }, 'errors'],
  ];
  it.each(cases)('%s', (code, env, level) => {
    expect(bench.codesOf(env)[level]).toContain(code);
  });
  it('a valid production has no error, and every sentence exists in both languages', () => {
    const { report } = bench.codesOf(production);
    expect(report).toMatchObject({ is_valid: true, has_warnings: true, environment: 'production' });
    for (const entry of report.warnings) {
      expect(entry.message.ar).toMatch(/[\u0600-\u06ff]/);
      expect(entry.message.en).not.toMatch(/[\u0600-\u06ff{}]/);
    }
  });
});
