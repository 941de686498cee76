import { describe, expect, it } from 'vitest';
import { takeApartDatabaseUrl } from '#shared/database-url.ts';
import { placeOfSettings } from './panel-place.ts';

describe("the panel's own database", () => {
  it('is found as the panel finds it, whichever engine it is on', () => {
    expect(placeOfSettings({ DATABASE_TYPE: 'sqlite' }, '/root')).toEqual({
      engine: 'sqlite',
      path: '/root/var/lib/aapanel/db/panel.db',
    });
    expect(placeOfSettings({ DATABASE_TYPE: 'sqlite', ENVIRONMENT: 'development', DATA_DIR: '/data' }, '')).toEqual({
      engine: 'sqlite',
      path: '/data/db/dev_database.db',
    });
    expect(placeOfSettings({ DATABASE_URL: 'sqlite:////srv/p.db', DATABASE_TYPE: 'mysql' }, '')).toEqual({
      engine: 'sqlite',
      path: '/srv/p.db',
    });
    expect(placeOfSettings({ DATABASE_TYPE: 'mysql', DB_NAME: 'p', DB_USER: 'u', DB_PASSWORD: ' a#b ' }, '')).toEqual({
      engine: 'mariadb',
      database: 'p',
      address: {
        kind: 'credentials',
        host: 'localhost',
        port: 3306,
        socketPath: null,
        user: 'u',
        password: ' a#b ',
        tls: 'off',
        caPath: null,
      },
    });
    const url = 'postgresql+psycopg2://u:p%40s%3Aw@db.example:6000/panel?sslmode=verify-full';
    expect(placeOfSettings({ DATABASE_URL: url }, '')).toMatchObject({
      engine: 'postgresql',
      database: 'panel',
      address: { host: 'db.example', port: 6000, user: 'u', password: 'p@s:w', tls: 'verify' },
    });
    expect(placeOfSettings({ DATABASE_URL: 'oracle://u@h/x' }, '')).toBeUndefined();
  });

  it('is refused where the address names none', () => {
    for (const url of [
      'mysql://u:100%@h/db',
      'mysql://h',
      'mysql://u:p@h:99999/db',
      'sqlite:///',
      'mysql://u@h/a/b',
      'mysql://u@h/db#x',
    ])
      expect(takeApartDatabaseUrl(url), url).toBeUndefined();
  });
});
