import type { Permission, RoleId, SiteScope } from '#shared/access.ts';

/** What the agent must see of somebody before it does something dangerous for them. */
export type Elevatable = {
  readonly sessionId?: string;
  /**
   * The agent's word that this person has just confirmed with a fresh factor. A function, so that it is never written
   * into a log or a row by accident. Absent: they have not.
   */
  readonly elevation?: () => Promise<string>;
};

/** The signed-in person who asks, or the program that has a token of theirs. */
export type Actor = {
  readonly id: string;
  /** Sign-in name. */
  readonly name: string;
  readonly role: RoleId;
  /** What they may do now: of a token, what both its scopes and its person may. */
  readonly permissions: readonly Permission[];
  readonly siteScope: SiteScope;
  /** Their sites, when the scope is `assigned`. */
  readonly siteIds: readonly string[];
  /** Id of the session, or of the token. */
  readonly sessionId: string;
  /** Set when a program asks with an API token. */
  readonly tokenId?: string;
  readonly elevation?: () => Promise<string>;
};

export function can(actor: Pick<Actor, 'permissions'>, permission: Permission): boolean {
  return actor.permissions.includes(permission);
}

/** Whether the site is one of theirs; others answer 404, as if they did not exist. */
export function canSeeSite(actor: Pick<Actor, 'siteScope' | 'siteIds'>, siteId: string): boolean {
  return actor.siteScope === 'all' || actor.siteIds.includes(siteId);
}

/** Who sees only assigned sites sees only the jobs they began themselves. */
export function canSeeJob(
  actor: Pick<Actor, 'id' | 'siteScope'>,
  job: { readonly actor: { readonly id: string } },
): boolean {
  return actor.siteScope === 'all' || job.actor.id === actor.id;
}
