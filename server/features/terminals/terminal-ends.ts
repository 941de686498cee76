import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';

/*
 * Terminals outlive the panel and whoever looks at them: their ends are asked for, each once, while there are any. Decided by
 * the agent, which keeps them until they stand here.
 */

/** The moment of an end is kept: it stands there late, not wrong, and the agent is not woken for it all the time. */
const everyMs = 600_000;
/** The agent is awake when the panel starts. */
const firstMs = 5_000;

type Ctx = Pick<Context, 'agent' | 'audit' | 'db' | 'log'>;

export type TerminalEnds = {
  /** From now on it is asked until none is open. */
  watch(): void;
  /** Asks once; returns how many are open still. */
  take(): Promise<number>;
  close(): void;
};

export function watchTerminalEnds(ctx: Ctx): TerminalEnds {
  let isClosed = false;
  // Those that went on while the panel was down.
  let timer: NodeJS.Timeout | undefined = later(firstMs);

  function later(waitMs = everyMs): NodeJS.Timeout {
    const next = setTimeout(() => {
      timer = undefined;
      take().then(
        (open) => (open > 0 ? watch() : undefined),
        (error: unknown) => {
          ctx.log.warn({ err: error }, 'the ends of terminals could not be asked for');
          watch();
        },
      );
    }, waitMs);
    next.unref();
    return next;
  }

  function watch(): void {
    if (!isClosed) timer ??= later();
  }

  async function take(): Promise<number> {
    const who = { actor: panelActor, requestId: 'terminal-ends' };
    let { items, open } = await ctx.agent.call('terminals.ends', { known: [] }, who);
    while (items.length > 0) {
      for (const { terminalId, person, kind, user, startedAt, endedAt, why, exitCode } of items) {
        // The agent may not have heard that it was written down.
        if (await isWritten(ctx, terminalId)) continue;
        const times = { startedAt: new Date(startedAt).toISOString(), endedAt: new Date(endedAt).toISOString() };
        await ctx.audit.record(
          {
            actor: person,
            action: 'endTerminal',
            target: terminalId,
            address: '',
            requestId: '',
            detail: { kind, user, ...times, why, exitCode },
          },
          'done',
        );
      }
      const known = items.map(({ terminalId }) => terminalId);
      ({ items, open } = await ctx.agent.call('terminals.ends', { known }, who));
    }
    return open;
  }

  return {
    watch,
    take,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

async function isWritten({ db }: Pick<Ctx, 'db'>, terminalId: string): Promise<boolean> {
  const row = await db
    .selectFrom('audit')
    .select('id')
    .where('action', '=', 'endTerminal')
    .where('target', '=', terminalId)
    .executeTakeFirst();
  return row !== undefined;
}
