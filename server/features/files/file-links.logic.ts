import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { mostFileLinks, type FileLink, type NewFileLink } from '#shared/file-links.ts';
import type { Site } from '#shared/sites.ts';
import type { Context } from '../../context.ts';
import { can, canSeeSite, type Actor } from '../../core/actor.ts';
import { findPersonById } from '../../core/auth/person-rows.ts';
import { loadRights } from '../../core/auth/rights.ts';
import { newId, newToken } from '../../core/id.ts';
import { findSite } from '../sites/sites.logic.ts';
import {
  countLinks,
  deleteLink,
  findLinkByHash,
  insertLink,
  listLinks,
  type FileLinkRow,
  type ListedLink,
} from './file-links.store.ts';

type Ctx = Pick<Context, 'db' | 'clock'>;

/** 256 random bits as `newToken` writes them. */
export const linkToken = /^[A-Za-z0-9_-]{43}$/;
const hourMs = 60 * 60 * 1_000;
/** For so long the right password is not asked for again, so that a download that broke can go on. */
const unlockedMs = 6 * hourMs;

/** My own; everybody's for who manages people, as they answer for what others give out. */
export async function visibleLinks(ctx: Ctx, siteId: string, actor: Actor): Promise<FileLink[]> {
  const rows = await listLinks(ctx.db, { siteId, at: ctx.clock.now() }, { personId: reachOf(actor) });
  return rows.map((row) => shown(row, actor));
}

/**
 * Makes a link; `token` is told this once and kept as its hash only. Throws `in_use` when the site has as many as there may
 * be. That the file is there, and may be read, the caller has asked the agent.
 */
export async function createLink(
  ctx: Ctx,
  siteId: string,
  actor: Actor,
  { path, hours, password, mostDownloads }: NewFileLink,
): Promise<{ readonly link: FileLink; readonly token: string }> {
  const now = ctx.clock.now();
  if ((await countLinks(ctx.db, { siteId, at: now })) >= mostFileLinks)
    throw new AppError('in_use', 'The site has as many links to files as it may have.', {
      reason: 'file_links_full',
      params: { max: mostFileLinks },
    });
  const token = newToken();
  const row: FileLinkRow = {
    id: newId(),
    site_id: siteId,
    person_id: actor.id,
    token_hash: hashOf(token),
    path,
    password_hash: password === null ? null : await hashLinkPassword(password),
    most_downloads: mostDownloads,
    downloads: 0,
    last_used_at: null,
    created_at: now,
    expires_at: now + hours * hourMs,
  };
  await insertLink(ctx.db, row);
  return { link: shown({ ...row, made_by: actor.name }, actor), token };
}

/** Throws `not_found`, also for one that the person may not see. Answers what it was a link to. */
export async function revokeLink(
  ctx: Ctx,
  siteId: string,
  linkId: string,
  actor: Actor,
): Promise<Pick<FileLink, 'path' | 'madeBy' | 'downloads'>> {
  const scope = { siteId, at: ctx.clock.now() };
  const [row] = await listLinks(ctx.db, scope, { personId: reachOf(actor), id: linkId });
  if (row === undefined) throw new AppError('not_found', 'There is no such link.', { reason: 'file_link_gone' });
  await deleteLink(ctx.db, linkId);
  return shown(row, actor);
}

/** A link by which something may be downloaded now, and as whom. */
export type LivingLink = {
  readonly row: FileLinkRow;
  readonly site: Site;
  readonly maker: { readonly id: string; readonly name: string };
};

/**
 * Undefined for a token that nobody made, for one that expired, was revoked or used up, and for one whose maker may not read
 * the files of the site any more: asked anew each time, from the database and not from any memory.
 */
export async function findLivingLink(ctx: Ctx, token: string): Promise<LivingLink | undefined> {
  if (!linkToken.test(token)) return undefined;
  const tokenHash = hashOf(token);
  const row = await findLinkByHash(ctx.db, tokenHash);
  if (row === undefined || !isSame(row.token_hash, tokenHash)) return undefined;
  const isOver = row.expires_at <= ctx.clock.now();
  if (isOver || (row.most_downloads !== null && row.downloads >= row.most_downloads)) return undefined;
  const [site, maker] = await Promise.all([findSite(ctx, row.site_id), findPersonById(ctx.db, row.person_id)]);
  if (site === undefined || maker === undefined || maker.is_disabled === 1) return undefined;
  const rights = await loadRights(ctx.db, maker.id, maker.role);
  if (!can(rights, 'files.read') || !canSeeSite(rights, site.id)) return undefined;
  return { row, site, maker: { id: maker.id, name: maker.name } };
}

type Sealing = Pick<Context, 'clock' | 'config'>;
type Sealed = Pick<FileLinkRow, 'id' | 'password_hash' | 'expires_at'>;

/** What says for a while, in a cookie, that the password of this very link was told. */
export function unlock(ctx: Sealing, row: Sealed): { readonly seal: string; readonly seconds: number } {
  const now = ctx.clock.now();
  const until = Math.min(now + unlockedMs, row.expires_at);
  return { seal: `${until}.${sealOf(ctx, row, until)}`, seconds: Math.ceil((until - now) / 1_000) };
}

/** Whether `seal` is one of `unlock` for this link and its password, and still holds. */
export function isUnlocked(ctx: Sealing, row: Sealed, seal: string | undefined): boolean {
  if (row.password_hash === null) return true;
  const [, until = '', mac = ''] = /^(\d{13,15})\.([A-Za-z0-9_-]{43})$/.exec(seal ?? '') ?? [];
  return until !== '' && isSame(mac, sealOf(ctx, row, Number(until))) && Number(until) > ctx.clock.now();
}

/** Whether this is the password of the link: as costly as that of a person, so only behind a limit. */
export async function isLinkPassword({ password_hash }: Sealed, password: string): Promise<boolean> {
  const { verifyPassword } = await import('#shared/password-hash.ts');
  return await verifyPassword(password, password_hash ?? undefined);
}

/** Loaded with the first link that has one. */
async function hashLinkPassword(password: string): Promise<string> {
  const { hashPassword } = await import('#shared/password-hash.ts');
  return await hashPassword(password);
}

function sealOf({ config }: Sealing, { id, password_hash }: Sealed, until: number): string {
  return createHmac('sha256', config.sessionKey)
    .update(`file link ${id} ${until} ${password_hash}`)
    .digest('base64url');
}

/** Of whom they see and end links; null: of everybody. */
function reachOf(actor: Actor): string | null {
  return can(actor, 'people.write') ? null : actor.id;
}

function hashOf(token: string): string {
  return hash('sha256', token);
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function shown(row: ListedLink, actor: Pick<Actor, 'id'>): FileLink {
  return {
    id: row.id,
    path: row.path,
    madeBy: row.made_by,
    isMine: row.person_id === actor.id,
    hasPassword: row.password_hash !== null,
    mostDownloads: row.most_downloads,
    downloads: row.downloads,
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at).toISOString(),
    createdAt: new Date(row.created_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
  };
}
