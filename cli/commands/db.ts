import { loadConfig, type Config } from '#server/config.ts';
import { databaseFigures, type DatabaseFigures } from '#server/db/figures.ts';
import type { Db } from '#server/db/schema.ts';
import { redactText } from '#server/core/log.ts';
import { exitCodes, UsageError, type Command, type CommandContext } from '../command.ts';
import { parseOptions } from '../options.ts';

/** The whole of `--health` and `--test`, connecting included. */
const answerLimitMs = 5_000;

/** `aapanel db --test|--status|--health|--stats`: of the configured database; without an option the help. */
export const db: Command = async (ctx) => {
  const { options } = parseOptions(ctx.args, {
    test: 'boolean',
    status: 'boolean',
    health: 'boolean',
    stats: 'boolean',
    json: 'boolean',
  });
  const isJson = options.json === true;
  const chosen = (['test', 'status', 'health', 'stats'] as const).filter((name) => options[name] === true);
  const [what] = chosen;
  if (chosen.length > 1 || (what === undefined && isJson)) throw new UsageError(ctx.text('dbOneOf'));
  if (what === undefined) {
    ctx.out(ctx.text('dbUsage'));
    return exitCodes.success;
  }
  const config = loadConfig(ctx.input);
  const asked = await askDatabase(config);
  if (what === 'test' || what === 'health') return printHealth(ctx, config, asked, isJson);
  const picture = what === 'status' ? statusOf(config, asked) : statisticsOf(asked.figures);
  if (isJson) ctx.out(JSON.stringify(picture));
  else {
    for (const [name, value] of flat(picture)) ctx.out(`${name}: ${String(value)}`);
    ctx.err(ctx.text('dbOwnFigures'));
  }
  return asked.isHealthy ? exitCodes.success : exitCodes.failure;
};

type Asked = {
  readonly isHealthy: boolean;
  readonly latencyMs: number;
  readonly detail: string;
  readonly figures: DatabaseFigures | undefined;
};

/** Connects, asks `select 1` and looks at the pool. Never throws and never takes longer than `answerLimitMs`. */
async function askDatabase(config: Config): Promise<Asked> {
  const startedAt = performance.now();
  const { openDatabase } = await import('#server/db/connect.ts');
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, answerLimitMs, 'late')));
  let opened: Db | undefined;
  const work = async (): Promise<Asked> => {
    opened = await openDatabase(config);
    await opened.selectNoFrom((build) => build.lit(1).as('one')).execute();
    const latencyMs = performance.now() - startedAt;
    return { isHealthy: true, latencyMs, detail: '', figures: databaseFigures(opened) };
  };
  const failed = (detail: string): Asked => ({
    isHealthy: false,
    latencyMs: performance.now() - startedAt,
    detail,
    figures: opened === undefined ? undefined : databaseFigures(opened),
  });
  try {
    const done = work();
    done.catch(() => undefined);
    const first = await Promise.race([done, tooLate]);
    return first === 'late' ? failed('timeout') : first;
  } catch (error) {
    return failed(sentenceOf(error));
  } finally {
    clearTimeout(timer);
    void opened?.destroy();
  }
}

function sentenceOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const message = cause instanceof AggregateError ? String(cause.errors[0]) : String((cause as Error).message ?? cause);
  return redactText(message.split('\n', 1)[0] ?? '');
}

function printHealth(ctx: CommandContext, config: Config, asked: Asked, isJson: boolean): number {
  const { type } = config.database;
  const ms = Math.round(asked.latencyMs * 10) / 10;
  if (isJson) {
    const status = asked.isHealthy ? 'healthy' : 'unhealthy';
    ctx.out(
      JSON.stringify({
        status,
        database_type: type,
        latency_ms: ms,
        ...(asked.isHealthy ? {} : { error: asked.detail }),
      }),
    );
  } else if (asked.isHealthy) ctx.out(ctx.text('dbAnswers', { type, ms }));
  else ctx.err(ctx.text('dbSilent', { type, detail: asked.detail }));
  return asked.isHealthy ? exitCodes.success : exitCodes.failure;
}

/** The field names are part of the interface. SQLite has no pool. */
function statusOf({ database }: Config, { isHealthy, figures }: Asked): Record<string, unknown> {
  const status = isHealthy ? 'active' : 'unavailable';
  const statistics = statisticsOf(figures);
  if (database.type === 'sqlite') return { status, type: 'sqlite', database_type: 'sqlite', statistics };
  return {
    status,
    pool_size: database.pool.size,
    max_overflow: database.pool.maxOverflow,
    current_size: figures?.size ?? 0,
    checked_in: figures?.idle ?? 0,
    checked_out: figures?.active ?? 0,
    overflow: figures?.overflow ?? 0,
    database_type: database.type,
    statistics,
  };
}

function statisticsOf(figures: DatabaseFigures | undefined): Record<string, unknown> {
  const destroyed = Object.values(figures?.destroyedTotal ?? {}).reduce((sum, count) => sum + count, 0);
  return {
    connections_created: figures?.createdTotal ?? 0,
    connections_closed: destroyed,
    connections_recycled: figures?.destroyedTotal.lifetime ?? 0,
    connection_errors: figures?.connectionErrors ?? 1,
    retry_attempts: figures?.retryAttempts ?? 0,
    total_queries: figures?.totalQueries ?? 0,
    failed_queries: figures?.failedQueries ?? 0,
    uptime_seconds: figures?.uptimeSeconds ?? 0,
    success_rate: figures?.successRate ?? 0,
  };
}

function flat(picture: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(picture).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null ? Object.entries(value) : [[name, value]],
  );
}
