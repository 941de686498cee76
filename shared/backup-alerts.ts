import { z } from 'zod';
import { endingStages } from './certificate-trouble.ts';
import { id, instant, line } from './http.ts';

/*
 * Alerts: what goes wrong at night with backups, certificates, sites and scheduled jobs reaches people over a hook, an address of theirs that the
 * agent posts JSON to. The agent keeps address and secret and sends by itself, so that it also works while the web process
 * is down.
 */

/** What a hook can be told of. `recovered`: trouble is over. */
export const alertEvents = [
  'run_failed',
  'verify_failed',
  'proof_failed',
  'overdue',
  'certificate_ending',
  'certificate_renewal_failed',
  'certificate_revoked',
  'panel_certificate_fallback',
  'job_failed',
  'job_succeeded',
  'site_ending',
  'recovered',
] as const;
export type AlertEvent = (typeof alertEvents)[number];

export const maxHooks = 10;

/** `http(s)://…` without a name and a password in it; credentials belong in the secret, or in a path that others cannot guess. */
export const hookUrl = z
  .string()
  .min(1)
  .max(2048)
  .superRefine((text, check) => {
    const code = problemOfUrl(text);
    if (code !== undefined) check.addIssue({ code: 'custom', message: code });
  });

function problemOfUrl(text: string): string | undefined {
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/.test(text) || !URL.canParse(text)) return 'hook_url_invalid';
  const { protocol, username, password, hostname, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return 'hook_url_invalid';
  if (username !== '' || password !== '') return 'upstream_credentials';
  return hostname === '' || hash !== '' ? 'hook_url_invalid' : undefined;
}

/** Signs what is sent; kept by the agent, readable by root only, never answered. */
export const hookSecret = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('key'),
    key: z.string().regex(/^[^\u0000-\u001f\u007f]{16,256}$/, { error: 'hook_secret_invalid' }),
  }),
]);
export type HookSecret = z.infer<typeof hookSecret>;

const hookFacts = {
  name: line(100, 1),
  events: z
    .array(z.enum(alertEvents))
    .min(1)
    .max(alertEvents.length)
    .refine((events) => new Set(events).size === events.length),
  /** Of the sentence that people read. */
  language: z.enum(['ar', 'en']),
  isEnabled: z.boolean(),
};

/** What a person gives. null for `url` and `secret`: what is kept stays. */
export const hookBody = z.strictObject({ ...hookFacts, url: hookUrl.nullable(), secret: hookSecret.nullable() });
export type HookBody = z.infer<typeof hookBody>;

/** How the last message to a hook went. */
export const hookOutcome = z.object({
  at: instant,
  event: z.enum([...alertEvents, 'test']),
  isDelivered: z.boolean(),
  /** HTTP status of the answer; null: there was none. */
  status: z.int().nullable(),
  /** Reason key of `errors`; null when it was delivered. */
  reason: z.string().nullable(),
});
export type HookOutcome = z.infer<typeof hookOutcome>;

/** A hook as it is shown. Addresses of chats are secrets in themselves: where it goes is shown, the rest of it never. */
export const backupHook = z.object({
  id,
  ...hookFacts,
  /** `https://chat.example.com`. */
  origin: z.string(),
  hasSecret: z.boolean(),
  /** Messages that wait for another try. */
  waitingCount: z.int(),
  lastOutcome: hookOutcome.nullable(),
});
export type BackupHook = z.infer<typeof backupHook>;

/** The body of a message. With a secret: `X-Aapanel-Signature: sha256=<hex HMAC-SHA-256 of "<timestamp>.<body>">`. */
export const backupAlert = z.object({
  panel: z.literal('aapanel'),
  event: z.enum([...alertEvents, 'test']),
  at: instant,
  host: z.string(),
  plan: z.object({ planId: id, name: z.string() }).nullable(),
  target: z.object({ targetId: id, name: z.string() }).nullable(),
  /** `stage`: how near its end is, as the share of its life that is left. */
  certificate: z
    .object({ certificateId: id, name: z.string(), validUntil: instant, stage: z.enum(endingStages).nullable() })
    .nullable(),
  /** One whose day is a week away, or has come. */
  site: z.object({ siteId: id, name: z.string(), endsAt: instant, isOver: z.boolean() }).nullable(),
  /** A scheduled job. */
  job: z.object({ jobId: id, name: z.string() }).nullable(),
  runId: id.nullable(),
  /** Kind of the run (`create`, `verify` …). */
  what: z.string().nullable(),
  /** Whether a check found something or could not be made. */
  check: z.enum(['failed', 'not_run']).nullable(),
  /** Key of `errors.reasons` in the documentation. */
  reason: z.string().nullable(),
  /** For `recovered`: what is over. */
  recoveredFrom: z.enum(alertEvents).nullable(),
  /** For `overdue`: the time that passed without a backup. */
  dueAt: instant.nullable(),
  /** One line for people, under the names that Slack and Mattermost, Gotify, and Discord read. */
  text: z.string(),
  message: z.string(),
  content: z.string(),
});
export type BackupAlert = z.infer<typeof backupAlert>;

/** What stands against the backups now, for the notifications of the panel. */
export const backupTrouble = z.object({
  kind: z.enum(['run_failed', 'overdue', 'proof_failed', 'proof_not_run']),
  /** Of a plan, or of a target for the proofs. */
  name: z.string(),
  at: instant,
  runId: id.nullable(),
});
export type BackupTrouble = z.infer<typeof backupTrouble>;
