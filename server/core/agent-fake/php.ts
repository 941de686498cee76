import { AppError } from '#shared/errors.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { PhpExtension, PhpExtensionName } from '#shared/php-extensions.ts';
import type { FakeActions } from '../agent-fake.ts';

/** The usual ones come with every version. */
const usual: readonly PhpExtension[] = [
  'bcmath',
  'curl',
  'gd',
  'intl',
  'mbstring',
  'mysql',
  'pgsql',
  'sqlite3',
  'xml',
  'zip',
];
const others: readonly PhpExtension[] = [
  'apcu',
  'imagick',
  'imap',
  'ldap',
  'memcached',
  'mongodb',
  'redis',
  'soap',
  'xdebug',
];

type PhpActionName = Extract<keyof FakeActions, `php.${string}`>;

/** What the fake distribution has, newest first. */
const available = ['8.4', '8.2'];

export type FakePhp = {
  readonly hasVersion: (version: string) => boolean;
  readonly install: (version: string) => boolean;
  readonly remove: (version: string) => void;
  /** False: it was there. */
  readonly addExtension: (name: PhpExtensionName) => boolean;
  readonly dropExtension: (name: PhpExtensionName) => void;
  readonly usersOf: (version: string) => SiteSpec[];
  readonly actions: Pick<FakeActions, PhpActionName>;
};

/** The part of the fake agent that knows PHP. */
export function createFakePhp(versions: readonly string[], specs: () => readonly SiteSpec[]): FakePhp {
  const installed = new Set(versions);
  /** Those that differ from the usual: true added, false removed. */
  const changed = new Map<string, boolean>();
  const hasExtension = (version: string, name: PhpExtension): boolean =>
    changed.get(`php${version}-${name}`) ?? usual.includes(name);
  const usersOf = (version: string): SiteSpec[] => specs().filter(({ php }) => php?.version === version);
  const siteOf = (slug: string): SiteSpec | undefined =>
    specs().find((spec) => spec.slug === slug && spec.php !== null);
  return {
    hasVersion: (version) => installed.has(version),
    install(version) {
      const isNew = !installed.has(version);
      installed.add(version);
      return isNew;
    },
    remove: (version) => void installed.delete(version),
    addExtension(name) {
      const isNew = changed.get(name) !== true;
      changed.set(name, true);
      return isNew;
    },
    dropExtension: (name) => void changed.set(name, false),
    usersOf,
    actions: {
      'php.extensions'({ version }) {
        if (!installed.has(version))
          return Promise.reject(
            new AppError('in_use', 'This version is not installed.', {
              reason: 'php_version_missing',
              params: { version },
            }),
          );
        const items = [...usual, ...others].sort().map((name) => ({ name, isInstalled: hasExtension(version, name) }));
        return Promise.resolve({ items });
      },
      'php.pool': ({ site }) =>
        Promise.resolve({
          pool:
            siteOf(site.slug)?.isEnabled === true
              ? { active: 1, idle: 2, queue: 0, accepted: 1_284, maxChildrenReached: 0, slow: 3 }
              : null,
        }),
      'php.restart_pool': ({ site }) => Promise.resolve({ ended: siteOf(site.slug) === undefined ? 0 : 3 }),
      'php.versions': () =>
        Promise.resolve({
          items: [...new Set([...available, ...installed])]
            .sort()
            .toReversed()
            .map((version) => ({
              version,
              isInstalled: installed.has(version),
              isRunning: installed.has(version),
              sites: usersOf(version).length,
            })),
        }),
    },
  };
}
