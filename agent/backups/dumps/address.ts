import type { TlsMode } from '#shared/database-url.ts';
import { listAccounts, type Account } from '../../core/machine.ts';

/** How a server is reached: its Unix socket as its superuser, or an address with credentials. */
export type ServerAddress =
  | { readonly kind: 'socket'; readonly path: string; readonly user: string; readonly account: Account | undefined }
  | {
      readonly kind: 'credentials';
      readonly host: string;
      readonly port: number;
      /** What the name of the host was found to be; absent: the client asks. */
      readonly hostAddress?: string;
      readonly socketPath: string | null;
      readonly user: string;
      readonly password: string;
      readonly tls: TlsMode;
      /** File of the authorities that are believed; null: those of the system. */
      readonly caPath: string | null;
    };

export type ServerPlace = {
  readonly engine: 'mariadb' | 'postgresql';
  readonly database: string;
  readonly address: ServerAddress;
};

/** Where the database of a part is. */
export type DumpPlace = ServerPlace | { readonly engine: 'sqlite'; readonly path: string };

/** Undefined when we are an ordinary user already, or when there is no such account. */
export function accountOf(name: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return listAccounts().find((account) => account.name === name);
}
