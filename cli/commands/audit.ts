import { createAgentClient } from '#server/core/agent-client.ts';
import { panelActor } from '#server/core/agent-client.ts';
import { createLog } from '#server/core/log.ts';
import { chainOf, verifyAudit } from '#server/features/audit/audit.logic.ts';
import { exitCodes, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase } from '../panel-database.ts';
import { openRegister } from '../register.ts';
import { runSelf } from '../rescue-process.ts';

/** `aapanel audit verify`: the chain in root's files, then the panel's index against it. Exit code 1 at the first fault. */
export const auditVerify: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  const verdict = await openRegister(ctx).verifyAudit();
  if (verdict === undefined) {
    ctx.err(ctx.text('auditNotKept'));
    return exitCodes.failure;
  }
  const { lineCount, fault } = verdict;
  if (fault !== null) {
    ctx.err(ctx.text('auditBroken', { sequence: fault.sequence, kind: fault.kind, file: fault.file }));
    return exitCodes.failure;
  }
  ctx.out(ctx.text('auditWhole', { count: lineCount }));
  const { code, out } = await runSelf(ctx, ['audit', 'index']);
  const text = out.trimEnd();
  if (text !== '') (code === 0 ? ctx.out : ctx.err)(text);
  return code === 0 ? exitCodes.success : exitCodes.failure;
};

/** `aapanel audit index`: the second half of the above, as the panel's user. */
export const auditIndex: Command = async (ctx) => {
  parseOptions(ctx.args, {});
  let isWhole = false;
  await withDatabase(ctx, async ({ db, clock, config }) => {
    const agent = createAgentClient(config, createLog({ ...config, logFilePath: null, logLevel: 'ERROR' }));
    try {
      const chain = chainOf({ agent }, { actor: panelActor, requestId: 'console' });
      const { rowCount, fault } = await verifyAudit({ db, clock }, chain);
      isWhole = fault === null;
      ctx.out(
        fault === null
          ? ctx.text('auditIndexSame', { count: rowCount })
          : ctx.text('auditIndexDiffers', { sequence: fault.sequence }),
      );
    } finally {
      agent.close();
    }
  });
  return isWhole ? exitCodes.success : exitCodes.failure;
};
