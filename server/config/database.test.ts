import { describe, expect, it } from 'vitest';
import { databaseConfig, engineOfUrl, parseDatabaseUrl } from './database.ts';

const pool = { size: 5, maxOverflow: 10, timeoutSeconds: 30, recycleSeconds: 3600, isPrePing: true };

describe('DATABASE_URL', () => {
  it.each([
    ['postgresql://u:p@h/db', 'postgresql'],
    ['postgres://u:p@h/db', 'postgresql'],
    ['mysql://u:p@h/db', 'mysql'],
    ['mariadb://u:p@h/db', 'mysql'],
    ['mysql+mysqlclient://u:p@h/db', 'mysql'],
    ['postgresql+psycopg2://u:p@h/db', 'postgresql'],
    ['sqlite:///a.db', 'sqlite'],
    ['oracle://u:p@h/db', undefined],
    ['postgresql', undefined],
  ])('P1.2-7 %s names the engine %s', (url, engine) => {
    expect(engineOfUrl(url)).toBe(engine);
  });
  it('P1.2-7 a percent-encoded password is decoded, and encoded again in the built URL', () => {
    const password = 'p@s:s/w#é%';
    const text = `postgres://panel:${encodeURIComponent(password)}@db.example:6543/panel`;
    const address = parseDatabaseUrl(text, '/srv');
    expect(address).toMatchObject({
      password,
      user: 'panel',
      host: 'db.example',
      port: 6543,
      name: 'panel',
      tls: 'off',
    });
    if (address === undefined) throw new Error('not parsed');
    const config = databaseConfig(address, pool, false);
    if (config.type === 'sqlite') throw new Error('wrong engine');
    expect(config.url).toBe('postgresql://panel:p%40s%3As%2Fw%23%C3%A9%25@db.example:6543/panel');
    expect(parseDatabaseUrl(config.url, '/srv')).toEqual(address);
  });
  it('an unencoded password with @ still finds the host after the last @', () => {
    expect(parseDatabaseUrl('mysql://u:a@b@h/db', '/srv')).toMatchObject({ host: 'h', password: 'a@b', port: 3306 });
  });
  it('sockets, IPv6 and TLS are understood', () => {
    expect(parseDatabaseUrl('postgresql://u:p@/db?host=/run/postgresql', '/srv')).toBeUndefined();
    expect(parseDatabaseUrl('postgresql:///db?host=/run/postgresql', '/srv')).toMatchObject({
      socketPath: '/run/postgresql',
    });
    expect(parseDatabaseUrl('mysql://u:p@[::1]/db?ssl-mode=VERIFY_IDENTITY', '/srv')).toMatchObject({
      host: '::1',
      tls: 'verify',
    });
    expect(parseDatabaseUrl('postgresql://u:p@h/db?sslmode=maybe', '/srv')).toBeUndefined();
  });
  it('SQLite paths: three slashes relative, four absolute', () => {
    expect(parseDatabaseUrl('sqlite:///data/a.db', '/srv')).toEqual({ type: 'sqlite', path: '/srv/data/a.db' });
    expect(parseDatabaseUrl('sqlite:////var/a.db', '/srv')).toEqual({ type: 'sqlite', path: '/var/a.db' });
    expect(parseDatabaseUrl('sqlite:///', '/srv')).toBeUndefined();
  });
  it.each(['mysql://u:p@h', 'mysql://u:p@h/', 'mysql://u:p@h/a b', 'mysql://u:p@h/db#x', 'mysql://u:p@h/a/b'])(
    '%s names no database',
    (url) => {
      expect(parseDatabaseUrl(url, '/srv')).toBeUndefined();
    },
  );
});
