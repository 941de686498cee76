import type { KeyObject } from 'node:crypto';
import type { Environment, EnvironmentInfo } from '../environment.ts';

/** Connections of one process. PostgreSQL and MySQL only, except `timeoutSeconds`; SQLite has one that writes. */
export type PoolConfig = {
  /** Connections kept for ten minutes without work; none is opened before it is needed. */
  readonly size: number;
  /** Connections opened on top of `size` in a rush, closed after ten seconds without work. */
  readonly maxOverflow: number;
  /** How long a caller waits for a free connection. */
  readonly timeoutSeconds: number;
  /** Age after which a connection is replaced, shortened by up to a tenth so that they do not all end together. */
  readonly recycleSeconds: number;
  /** Ask a connection for a sign of life before it is handed out, when it had no work for half a second. */
  readonly isPrePing: boolean;
};

type DatabaseCommon = {
  /** Log every statement (development). */
  readonly isSqlShown: boolean;
  readonly pool: PoolConfig;
};

/** The database named here is the one the panel keeps everything in. */
export type DatabaseConfig =
  | (DatabaseCommon & {
      readonly type: 'sqlite';
      readonly driver: 'sqlite';
      /** Absolute path of the file. */
      readonly path: string;
    })
  | (DatabaseCommon & {
      readonly type: 'postgresql' | 'mysql';
      readonly driver: 'pg' | 'mysql2';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      /** Decoded: hand it to the driver as it is. */
      readonly password: string;
      readonly name: string;
      /** Absolute path of a Unix socket (MySQL) or its folder (PostgreSQL); replaces host. */
      readonly socketPath: string | null;
      /** `require` encrypts, `verify` also checks the certificate and the host name. */
      readonly tls: 'off' | 'require' | 'verify';
      /** Absolute path of the authorities that `verify` believes; null: those of the system. */
      readonly caPath: string | null;
      /** The same connection as one percent-encoded URL. Secret: never log it. */
      readonly url: string;
    });

export const logLevels = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type LogLevel = (typeof logLevels)[number];

export type ConfigSource = 'default' | 'file' | 'environment' | 'cli' | 'derived' | 'database';

/**
 * The configuration of the web process: made once by `loadConfig`, frozen to the bottom. Paths are absolute, secrets
 * are decoded. Keys are `KeyObject`s: they print and serialise as nothing.
 */
export type Config = {
  readonly environment: Environment;
  /** Production or staging: the strict settings. */
  readonly isProduction: boolean;
  /** Details for developers in answers and logs; never true in production. */
  readonly isDebug: boolean;
  /** Facts the environment was decided from. */
  readonly detection: EnvironmentInfo;
  /** Version of the panel (package.json). */
  readonly version: string;
  readonly dataDir: string;
  /** The built browser application. */
  readonly webDistDir: string;
  readonly host: string;
  readonly port: number;
  /** Origin people reach the panel at, without a slash at the end: links on the console are built from it. */
  readonly publicUrl: string;
  /** The same panel as other machines reach it; null when `publicUrl` says it already. */
  readonly networkUrl: string | null;
  /** HMAC key of session tokens, derived (HKDF-SHA256) from SECRET_KEY. */
  readonly sessionKey: KeyObject;
  /** The same, derived from PREVIOUS_SECRET_KEYS, newest first: accepted for reading, never used for new values. */
  readonly previousSessionKeys: readonly KeyObject[];
  readonly cookie: {
    readonly isSecure: boolean;
    readonly sameSite: 'lax' | 'strict';
    readonly lifetimeSeconds: number;
  };
  /** `*`: any origin (development). Otherwise exact origins; empty: none. */
  readonly cors: { readonly origins: '*' | readonly string[] };
  readonly bodyLimitBytes: number;
  /** Of the machine's memory, for PHP of sites in processes of their own (0 to 100). */
  readonly phpApartPercent: number;
  /** Holds releases of WordPress in place of its makers; without a slash at the end. */
  readonly wordpressMirror: string | null;
  /** The panel serves HTTPS itself: only when both files were named, never by their default paths. null: plain HTTP. */
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null;
  /** Redirect plain HTTP to HTTPS; health probes are exempt. */
  readonly requireHttps: boolean;
  /** Addresses or CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** First value of the doors: the secret first part of the way in. null: the panel answers at once. */
  readonly entryPath: string | null;
  /** First value of the doors: addresses or CIDR ranges; empty: from anywhere. */
  readonly allowedAddresses: readonly string[];
  /** First value of the doors: host names; empty: any. */
  readonly domains: readonly string[];
  readonly logLevel: LogLevel;
  /** null: standard output only. */
  readonly logFilePath: string | null;
  readonly database: DatabaseConfig;
  readonly agent: {
    /** `fake`: nothing on the machine changes. */
    readonly mode: 'real' | 'fake';
    readonly socketPath: string;
  };
  /** Values with their sources, secrets as length only: for the settings page and `aapanel config show`. */
  readonly entries: readonly ConfigEntry[];
  /** Warnings of the validator, shown once at start. */
  readonly warnings: readonly ConfigWarning[];
};

export type ConfigEntry = {
  readonly key: string;
  readonly value: string;
  readonly source: ConfigSource;
  readonly isSecret: boolean;
};

export type ConfigWarning = {
  readonly code: string;
  readonly variable: string;
  readonly message: { readonly ar: string; readonly en: string };
};
