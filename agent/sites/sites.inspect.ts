import { AppError } from '#shared/errors.ts';
import type { ActionParams, ActionResult } from '#shared/agent/action.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { unifiedDiff } from '#shared/diff.ts';
import { appTexts, unitsIn } from '../apps/apps.site.ts';
import type { Call } from '../core/call.ts';
import { look, readBytes, sha256 } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { shownPath } from '../nginx/nginx.check.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { phpFilesIn } from '../php/php.pools.ts';
import { phpTexts } from '../php/php.site.ts';
import { sftpFilesIn, sftpTexts } from '../sftp/sftp.site.ts';
import { maskPasswords, passwordFilesIn, passwordText } from './site-passwords.ts';
import { renderedSumOf } from './site-companions.ts';
import { checkCandidate } from './sites.apply.ts';
import { renderTexts } from './site-texts.ts';
import { checkOwner, findDrift, findRecord, noteRecord, recordWant } from './site-records.ts';
import { createServing } from './site-serving.ts';

type Inspected = ActionResult<AgentActions['sites.inspect']>;
const maxShownBytes = 150 * 1024;

export async function inspectSite(
  machine: Machine,
  { spec }: ActionParams<AgentActions['sites.inspect']>,
): Promise<Inspected> {
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  const record = findRecord(machine, spec.slug);
  checkOwner(record, spec);
  const drift = record === undefined ? undefined : findDrift(machine, record);
  const isCustom = drift?.path === shownPath(paths.customOf(spec.slug), prefix);
  const pool = phpFilesIn(record).find((each) => each === drift?.path);
  const hashes = passwordFilesIn(record).find((each) => each === drift?.path);
  const ours = hashes === undefined ? '' : passwordText(machine, spec, hashes);
  const unit = unitsIn(record).find((each) => each === drift?.path);
  const access = sftpFilesIn(record).find((each) => each === drift?.path);
  const texts = await renderTexts(machine, spec);
  const place = pool ?? hashes ?? unit ?? access;
  const path = place !== undefined ? prefix + place : isCustom ? paths.customOf(spec.slug) : paths.site(spec.slug);
  const configPath = shownPath(path, prefix);
  const expectedText = isCustom
    ? spec.customDirectives
    : pool !== undefined
      ? (phpTexts(machine, spec, texts.isEnded, record?.linuxUser ?? '')[pool] ?? '')
      : hashes !== undefined
        ? maskPasswords(ours, ours)
        : unit !== undefined
          ? (appTexts(machine, spec, record?.linuxUser ?? '', texts.plan)[unit] ?? '')
          : access !== undefined
            ? (sftpTexts(spec, record?.linuxUser ?? '')[access] ?? '')
            : texts.site;
  const present = textOf(path);
  const currentText = present === null || hashes === undefined ? present : maskPasswords(present, ours);
  return {
    drift: stateOf(),
    configPath,
    currentText: currentText === null ? null : cut(currentText),
    expectedText: cut(expectedText),
    diff: cut(unifiedDiff(configPath, expectedText, currentText)),
    isolatedReason: record?.isolated?.reason ?? null,
    rootExists: look(prefix + spec.root).type === 'folder',
  };

  function stateOf(): Inspected['drift'] {
    if (record?.isolated != null) return 'isolated';
    if (record === undefined || Object.keys(record.files).length === 0)
      return currentText === null ? 'missing' : 'unknown';
    if (drift !== undefined) return drift.kind;
    return record.adopted === null ? 'in_sync' : 'adopted';
  }
}

function textOf(path: string): string | null {
  const found = look(path);
  if (found.type !== 'file') return null;
  return readBytes(path, 8 * 1024 * 1024)?.toString('utf8') ?? null;
}

/** As much of a text as may be shown, measured as it travels. */
function cut(text: string): string {
  let length = Math.min(text.length, maxShownBytes);
  while (Buffer.byteLength(JSON.stringify(text.slice(0, length))) > maxShownBytes) length = Math.floor(length * 0.8);
  return text.slice(0, length);
}

/** Keeps somebody's text as the accepted one, after nginx has said that it can load it. */
export async function adoptSite(
  machine: Machine,
  { spec, changeId }: ActionParams<AgentActions['sites.adopt']>,
  call: Call,
): Promise<ActionResult<AgentActions['sites.adopt']>> {
  const done = machine.engine.find(changeId);
  if (done !== undefined && done !== 'open' && done.state === 'committed') return { files: done.files };
  const { prefix } = machine;
  const paths = nginxPaths(prefix);
  const record = findRecord(machine, spec.slug);
  checkOwner(record, spec);
  const site = shownPath(paths.site(spec.slug), prefix);
  const drift = record === undefined ? undefined : findDrift(machine, record);
  const beside = [...phpFilesIn(record), ...passwordFilesIn(record), ...unitsIn(record), ...sftpFilesIn(record)];
  const present = sumsOf(machine, spec.slug, beside);
  if (record === undefined || (drift === undefined && record.isolated === null) || present[site] === undefined)
    throw new AppError('changed_meanwhile', 'The file is as the panel wrote it: there is nothing to adopt.', {
      reason: 'nothing_to_adopt',
      params: { path: site },
    });
  const texts = await renderTexts(machine, spec);
  const adopted = {
    ...record,
    files: present,
    isEnabled: spec.isEnabled,
    adopted: { renderedSum: renderedSumOf(machine, spec, texts, record.linuxUser) },
    isolated: null,
  };
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt: call.deadlineAt });
  const link = paths.link(spec.slug);
  const outcome = await machine.engine.run({
    changeId,
    action: 'sites.adopt',
    actor: call.actor.id,
    wants: [
      spec.isEnabled
        ? { kind: 'link', path: link, target: `../sites/${spec.slug}.conf`, shownAs: shownPath(link, prefix) }
        : { kind: 'remove', path: link, shownAs: shownPath(link, prefix) },
      recordWant(machine, adopted),
    ],
    validate: () => checkCandidate(machine, spec.slug, paths.site(spec.slug), texts.shared),
    activate: () => serving.activate(),
    probe: () => serving.probe(),
  });
  noteRecord(machine, spec.slug, adopted);
  return { files: outcome.files };
}

/** Sums of the site's files as they are now, by path without prefix. */
function sumsOf(machine: Machine, slug: string, others: readonly string[]): Record<string, string> {
  const paths = nginxPaths(machine.prefix);
  const sums: Record<string, string> = {};
  for (const path of [paths.site(slug), paths.customOf(slug), ...others.map((each) => machine.prefix + each)]) {
    const bytes = look(path).type === 'file' ? readBytes(path, 4 * 1024 * 1024) : undefined;
    if (bytes !== undefined) sums[shownPath(path, machine.prefix)] = sha256(bytes);
  }
  return sums;
}
