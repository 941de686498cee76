/** Durable jobs: see `server/core/jobs.ts`. */
export type JobTable = {
  id: string;
  kind: string;
  subject_json: string;
  params_json: string;
  state: string;
  steps_json: string;
  /** What the handler remembers between two steps and after a restart. */
  memory_json: string;
  progress: number | null;
  /** Rises with each claim: a worker that lost its lease no longer matches and cannot write. */
  attempts: number;
  lease_until_at: number | null;
  worker: string | null;
  failure_json: string | null;
  actor_id: string;
  actor_name: string;
  cancel_requested_at: number | null;
  /** Size of the log so far, against its bound. */
  log_bytes: number;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
};

export type JobLogTable = { job_id: string; seq: number; at: number; stream: string; text: string };

export type JobTables = { job: JobTable; job_log: JobLogTable };
