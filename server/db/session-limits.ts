/** What every session of the panel is opened with. */
export type SessionLimits = {
  readonly connectMs: number;
  /** The server ends a longer statement. */
  readonly statementMs: number;
  /** The server ends a session that forgets its transaction. */
  readonly idleInTransactionMs: number;
  /** Shown in the server's list of sessions. */
  readonly applicationName: string;
  /** Quiet time after which the kernel looks for the other side. */
  readonly keepAliveMs: number;
};

export const servingLimits: SessionLimits = {
  connectMs: 5_000,
  statementMs: 30_000,
  idleInTransactionMs: 60_000,
  applicationName: `aapanel ${process.pid}`,
  keepAliveMs: 60_000,
};

/** For migrations, moves and backups: one statement may take an hour. */
export const maintenanceLimits: SessionLimits = {
  ...servingLimits,
  statementMs: 3_600_000,
  idleInTransactionMs: 3_600_000,
  applicationName: `aapanel maintenance ${process.pid}`,
};
