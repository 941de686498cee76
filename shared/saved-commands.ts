import { z } from 'zod';
import { unseenInCommand } from './command-text.ts';
import { empty, id, instant, line, type Operation } from './http.ts';

/* The command book of a person: lines for the terminal under names. Nobody else sees them. */

export const mostSavedCommands = 200;
export const longestSavedCommand = 2_000;

export const savedCommandFacts = z.strictObject({
  name: line(80, 1),
  /** One line of the shell, as it is typed; `{{name}}` is asked for when it is used. */
  command: z
    .string()
    .max(longestSavedCommand)
    .refine((text) => text.trim() !== '', { error: 'required' })
    .refine((text) => !unseenInCommand.test(text), { error: 'control_characters' }),
});
export type SavedCommandFacts = z.output<typeof savedCommandFacts>;

export const savedCommand = z.object({ id, name: z.string(), command: z.string(), updatedAt: instant });
export type SavedCommand = z.output<typeof savedCommand>;

const base = '/api/v1/saved-commands';
const params = z.object({ commandId: id });

export const savedCommandsApi = {
  list: {
    id: 'listSavedCommands',
    method: 'GET',
    path: base,
    access: 'terminals.use',
    summary: 'My saved commands, by name',
    response: z.object({ items: z.array(savedCommand) }),
  },
  create: {
    id: 'createSavedCommand',
    method: 'POST',
    path: base,
    access: 'terminals.use',
    summary: 'Save a command under a name',
    body: savedCommandFacts,
    status: 201,
    response: savedCommand,
  },
  update: {
    id: 'updateSavedCommand',
    method: 'PUT',
    path: `${base}/{commandId}`,
    access: 'terminals.use',
    summary: 'Change a saved command or its name',
    params,
    body: savedCommandFacts,
    response: savedCommand,
  },
  remove: {
    id: 'removeSavedCommand',
    method: 'DELETE',
    path: `${base}/{commandId}`,
    access: 'terminals.use',
    summary: 'Forget a saved command',
    params,
    status: 204,
    response: empty,
  },
} as const satisfies Record<string, Operation>;
