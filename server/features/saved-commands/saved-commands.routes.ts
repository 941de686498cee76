import { savedCommandsApi } from '#shared/saved-commands.ts';
import { route, type App } from '../../core/route.ts';
import { changeSavedCommand, createSavedCommand, forgetSavedCommand, getSavedCommand } from './saved-commands.logic.ts';
import { listSavedCommands } from './saved-commands.store.ts';

/** The audit log has their names only: a command may hold a password. */
export function savedCommandsRoutes(app: App): void {
  const { ctx } = app;
  const options = { isForPeople: true } as const;

  route(
    app,
    savedCommandsApi.list,
    async ({ actor }) => ({ items: await listSavedCommands(ctx.db, actor.id) }),
    options,
  );

  route(
    app,
    savedCommandsApi.create,
    async ({ body, actor, audit }) => {
      audit.detail['name'] = body.name;
      const made = await createSavedCommand(ctx, actor, body);
      audit.target = made.id;
      return made;
    },
    { ...options, isAnswerSecret: true },
  );

  route(
    app,
    savedCommandsApi.update,
    async ({ params: { commandId }, body, actor, audit }) => {
      const before = await getSavedCommand(ctx, actor, commandId);
      Object.assign(audit.detail, { before: { name: before.name }, after: { name: body.name } });
      return changeSavedCommand(ctx, commandId, body);
    },
    { ...options, isAnswerSecret: true },
  );

  route(
    app,
    savedCommandsApi.remove,
    async ({ params: { commandId }, actor, audit }) => {
      const { name } = await getSavedCommand(ctx, actor, commandId);
      audit.detail['before'] = { name };
      await forgetSavedCommand(ctx, commandId);
    },
    options,
  );
}
