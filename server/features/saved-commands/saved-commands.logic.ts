import { AppError } from '#shared/errors.ts';
import { mostSavedCommands, type SavedCommand, type SavedCommandFacts } from '#shared/saved-commands.ts';
import type { Context } from '../../context.ts';
import type { Actor } from '../../core/actor.ts';
import { newId } from '../../core/id.ts';
import {
  countSavedCommands,
  deleteSavedCommand,
  findSavedCommand,
  insertSavedCommand,
  updateSavedCommand,
} from './saved-commands.store.ts';

type Ctx = Pick<Context, 'db' | 'clock'>;
type Person = Pick<Actor, 'id'>;

/** Throws `in_use` when the person has as many as there may be, `already_exists` when the name is taken. */
export async function createSavedCommand(ctx: Ctx, person: Person, facts: SavedCommandFacts): Promise<SavedCommand> {
  if ((await countSavedCommands(ctx.db, person.id)) >= mostSavedCommands)
    throw new AppError('in_use', 'There are as many saved commands as there may be.', {
      reason: 'saved_commands_full',
      params: { max: mostSavedCommands },
    });
  const [id, at] = [newId(), ctx.clock.now()];
  if (!(await insertSavedCommand(ctx.db, { ...facts, id, personId: person.id, at }))) throw taken();
  return { ...facts, id, updatedAt: new Date(at).toISOString() };
}

/** Throws `not_found`, also for one of somebody else. */
export async function getSavedCommand(ctx: Ctx, person: Person, id: string): Promise<SavedCommand> {
  const found = await findSavedCommand(ctx.db, person.id, id);
  if (found === undefined)
    throw new AppError('not_found', 'There is no such saved command.', { reason: 'saved_command_gone' });
  return found;
}

/** `id`: of one that is the person's. Throws `already_exists` when another one has the name. */
export async function changeSavedCommand(ctx: Ctx, id: string, facts: SavedCommandFacts): Promise<SavedCommand> {
  const at = ctx.clock.now();
  if (!(await updateSavedCommand(ctx.db, { ...facts, id, at }))) throw taken();
  return { ...facts, id, updatedAt: new Date(at).toISOString() };
}

export async function forgetSavedCommand(ctx: Ctx, id: string): Promise<void> {
  await deleteSavedCommand(ctx.db, id);
}

const taken = (): AppError =>
  new AppError('already_exists', 'Another saved command has this name.', { reason: 'saved_command_name_taken' });
