import type { Ban } from '#shared/doors.ts';

/** One row for each value that was ever banned lately; `times` counts. Gone a week after its end. */
export type BanTable = {
  id: string;
  kind: Ban['kind'];
  /** Address, CIDR range or sign-in name; unique with `kind`. */
  value: string;
  reason: Ban['reason'];
  evidence_json: string;
  note: string;
  created_at: number;
  /** null: until somebody takes it away. */
  ends_at: number | null;
  actor_id: string | null;
  actor_name: string | null;
  times: number;
};

/** Networks (addresses, /64 of IPv6) from which somebody signed in to an account. */
export type KnownNetworkTable = { account: string; network: string; last_seen_at: number };

export type DoorTables = { ban: BanTable; known_network: KnownNetworkTable };
