import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generate } from '../../scripts/generate/environment.ts';
import { variableNames, variables, type Variable } from './variables.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
/** What is shipped: neither tests nor the examples that they read. */
const sourcesOf = (pattern: string) =>
  globSync(pattern, { cwd: root }).filter((path) => !/\.(test|fixtures)\.ts$/.test(path));

describe('declared and read', () => {
  const code = [...sourcesOf('server/config/*.ts'), 'server/config.ts']
    .filter((path) => !path.includes('variables'))
    .map(read)
    .join('\n');
  const readNames = new Set(
    [...code.matchAll(/values\.([A-Z][A-Z0-9_]+)|must\(values, '([A-Z0-9_]+)'\)/g)].map(
      (match) => match[1] ?? match[2],
    ),
  );
  /** Read before the values exist: they decide how everything else is read. */
  const readEarly = ['ENVIRONMENT', 'REPL_ID', 'REPL_OWNER', 'DATA_DIR', 'AAPANEL_ENV_FILE'];
  it('P1.3-3 each variable is read, or says which coming part will read it', () => {
    const unread = variableNames.filter((name) => !readNames.has(name) && !readEarly.includes(name));
    const planned = variableNames.filter((name) => (variables[name] as Variable<unknown>).plannedFor !== undefined);
    expect(unread.filter((name) => !planned.includes(name))).toEqual([]);
    expect(readEarly.filter((name) => !code.includes(`${name}'`) && !code.includes(`.${name}`))).toEqual([]);
    // The whole list of what may wait; whoever makes one act takes it off here.
    expect(planned).toEqual([
      'NODE_ENV',
      'REDIS_URL',
      'BACKUP_DIR',
      'BACKUP_RETENTION',
      'BACKUP_COMPRESSION_LEVEL',
      'BACKUP_AUTO_ENABLED',
      'BACKUP_S3_ENABLED',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_S3_BUCKET',
      'AWS_S3_REGION',
      'POSTGRES_DB',
      'POSTGRES_USER',
      'POSTGRES_PASSWORD',
      'POSTGRES_INITDB_ARGS',
      'PGDATA',
    ]);
  });
  it('P1.3-3 nothing is read that is not declared', () => {
    expect([...readNames].filter((name) => !variableNames.some((known) => known === name))).toEqual([]);
    const readers = [
      ...sourcesOf('server/**/*.ts'),
      ...sourcesOf('cli/**/*.ts'),
      ...sourcesOf('shared/**/*.ts'),
    ].filter((path) => /process\s*\.\s*env\b|process\[|loadEnvFile/.test(read(path)));
    expect(readers).toEqual(['cli/main.ts']);
  });
  it('P1.2-5 every setting of the configuration is read by the panel', () => {
    const type = read('server/config/config-type.ts').split('export type ConfigEntry')[0] ?? '';
    const names = [...type.matchAll(/^ *readonly ([a-zA-Z]+)|[{;] readonly ([a-zA-Z]+)/gm)].map(
      (match) => match[1] ?? match[2],
    );
    const users = [...sourcesOf('server/**/*.ts'), ...sourcesOf('cli/**/*.ts')]
      .filter((path) => !path.startsWith('server/config'))
      .map(read)
      .join('\n');
    const isRead = (name: string | undefined) => new RegExp(`[.]${name}\\b|[{,] *${name}\\b`).test(users);
    expect(names.length).toBeGreaterThan(40);
    expect(names.filter((name) => !isRead(name))).toEqual([]);
  });
});

describe('examples and documents', () => {
  it('P1.3-2 example files and reference pages are those that the schema gives', () => {
    for (const { path, content } of generate()) expect(content, path).toBe(read(path));
  });
  it('P1.3-2 each variable stands in an example and in both pages with meaning, values, default and sensitivity', () => {
    const examples = read('.env.example') + read('.env.docker.example');
    for (const name of variableNames) {
      const { meaning, rule, isSecret } = variables[name] as Variable<unknown>;
      if (name !== 'AAPANEL_ENV_FILE') expect(examples).toMatch(new RegExp(`^${name}=`, 'm'));
      expect(meaning.ar).toMatch(/[\u0600-\u06ff]/);
      for (const language of ['ar', 'en'] as const) {
        const section = read(`docs/${language}/environment.md`).split(`### \`${name}\``)[1]?.split('\n##')[0] ?? '';
        expect(section).toContain(meaning[language]);
        expect(section).toContain(rule.allowed[language]);
        expect(section).toContain({ ar: 'الافتراضي', en: 'Default' }[language]);
        expect(section.includes(`- ${{ ar: 'سرّي', en: 'Secret' }[language]}`)).toBe(isSecret === true);
      }
    }
  });
  it('P1.3-2 .env.example holds the variables that the specification lists, with their values', () => {
    const wanted = [
      'ENVIRONMENT=, REPL_ID=, REPL_OWNER=, SECRET_KEY=, SSL_CERT_PATH=, SSL_KEY_PATH=, ALLOWED_ORIGINS=, PORT=',
      'DATABASE_TYPE=, DEV_DATABASE_PATH=, DATABASE_URL=, DB_USER=, DB_PASSWORD=, DB_HOST=, DB_PORT=, DB_NAME=, DB_DRIVER=',
      'REDIS_URL=, LOG_FILE_PATH=, BACKUP_RETENTION=7, BACKUP_DIR=backups/, BACKUP_COMPRESSION_LEVEL=6',
      'BACKUP_AUTO_ENABLED=true, BACKUP_S3_ENABLED=false, AWS_ACCESS_KEY_ID=, AWS_SECRET_ACCESS_KEY=, AWS_S3_BUCKET=',
      'AWS_S3_REGION=us-east-1, DB_POOL_SIZE=5, DB_MAX_OVERFLOW=10, DB_POOL_TIMEOUT=30, DB_POOL_RECYCLE=3600, DB_POOL_PRE_PING=true',
    ].flatMap((line) => line.split(', '));
    expect(wanted.length).toBe(33);
    for (const start of wanted) expect(read('.env.example')).toMatch(new RegExp(`^${start}`, 'm'));
    const docker = [
      'DEBUG=false, LOG_LEVEL=INFO, SESSION_COOKIE_SECURE=true, REQUIRE_HTTPS=true, POSTGRES_DB=production_db',
      'POSTGRES_USER=aapanel_user, POSTGRES_PASSWORD=, PGDATA=, DB_HOST=postgres, REDIS_URL=redis://redis:6379/0',
      'NODE_ENV=production, POSTGRES_INITDB_ARGS="--encoding=UTF-8 --lc-collate=C --lc-ctype=C"',
    ].flatMap((line) => line.split(', '));
    for (const start of docker) expect(read('.env.docker.example')).toContain(`\n${start}`);
  });
});
