import { askAgent } from '../../core/ask-agent.ts';
import { newChangeId } from '../../nginx/nginx.isolate.ts';
import { readSiteFacts } from '../sources/site-facts.ts';
import type { BackupWork } from '../work.ts';
import type { TreePlan } from './restore-tree.ts';

/**
 * Applications whose files were put in place start anew from them, by the agent that serves. One that does not answer is
 * told in the log: the files are back all the same.
 */
export async function restartApps(work: BackupWork, plans: readonly TreePlan[]): Promise<void> {
  for (const { part, into } of plans) {
    if (part.source.kind !== 'site' || into.kind !== 'in_place') continue;
    const facts = readSiteFacts(work, part.source.slug);
    if (facts === undefined || !facts.isAppOn || !facts.spec.isEnabled) continue;
    const { siteId, slug } = facts.spec;
    work.log(`Starting the application of ${slug} anew.`);
    const asked = { site: { siteId, slug }, to: 'restart', changeId: newChangeId() };
    await askAgent(work.settings, 'apps.switch', asked, 'agent').catch((error: unknown) =>
      work.log(`It did not start: ${error instanceof Error ? error.message : String(error)}`),
    );
  }
}
