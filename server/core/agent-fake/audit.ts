import { createHmac } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';
import { canonicalJson } from '#shared/agent/people.ts';
import type { AuditLine } from '#shared/agent/audit.ts';
import type { FakeActions } from '../agent-fake.ts';

type AuditActionName = Extract<keyof FakeActions, `audit.${string}`>;

/** How far back a repeated entry is recognised. */
const lookBack = 1_000;

/** The chain of the audit log, one JSON line each in the file at `path` when there is one. */
export function createFakeAudit(key: string, path: string | undefined): Pick<FakeActions, AuditActionName> {
  const lines = read(path);

  const macOf = (line: Omit<AuditLine, 'mac'>, before: string) =>
    createHmac('sha256', key)
      .update(`${before} ${canonicalJson(line)}`)
      .digest('hex');

  return {
    async 'audit.append'({ additions }) {
      const added = additions.map((addition) => {
        const known = lines
          .slice(-lookBack)
          .find(({ entryId, outcome }) => entryId === addition.entryId && outcome === addition.outcome);
        if (known !== undefined) return known;
        const facts = { ...addition, sequence: lines.length + 1, writtenAt: new Date().toISOString() };
        const line = { ...facts, mac: macOf(facts, lines.at(-1)?.mac ?? '') };
        lines.push(line);
        if (path !== undefined) appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
        return line;
      });
      return { lines: added.map(({ sequence, mac }) => ({ sequence, mac })) };
    },
    async 'audit.read'({ from, limit }) {
      return { lines: lines.slice(from - 1, from - 1 + limit), last: lines.length };
    },
    async 'audit.verify'() {
      const index = lines.findIndex(({ mac, ...facts }, at) => macOf(facts, lines[at - 1]?.mac ?? '') !== mac);
      const fault = index === -1 ? null : { sequence: index + 1, kind: 'changed' as const, file: path ?? 'memory' };
      return { lineCount: lines.length, fault };
    },
  };
}

function read(path: string | undefined): AuditLine[] {
  if (path === undefined) return [];
  try {
    const text = readFileSync(path, 'utf8');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as AuditLine);
  } catch {
    return [];
  }
}
