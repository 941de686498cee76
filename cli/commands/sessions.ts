import { CommandError, UsageError, type Command } from '../command.ts';
import { parseOptions } from '../options.ts';
import { withDatabase, type PanelDatabase } from '../panel-database.ts';

/** `aapanel sessions [name]`: who is signed in, from where, since when. */
export const sessions: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 1);
  const [name] = words;
  return withDatabase(ctx, async (panel) => {
    let count = 0;
    for (const person of await peopleOf(panel, name)) {
      for (const session of await panel.sessions.list(person.id)) {
        count += 1;
        const used = new Date(session.lastUsedAt).toISOString().slice(0, 16).replace('T', ' ');
        ctx.out(`${person.name.padEnd(24)}${session.address.padEnd(40)}${used}Z  ${oneLine(session.userAgent)}`);
      }
    }
    if (count === 0) ctx.out(ctx.text('noSessions'));
  });
};

/** `aapanel sessions end <name>`: they must sign in again; a running panel sees it within seconds. */
export const sessionsEnd: Command = async (ctx) => {
  const { words } = parseOptions(ctx.args, {}, 1);
  const [name] = words;
  if (name === undefined) throw new UsageError('sessions end <name>');
  return withDatabase(ctx, async (panel) => {
    const [person] = await peopleOf(panel, name);
    if (person === undefined) throw new CommandError(ctx.text('accountMissing', { name }));
    const count = (await panel.sessions.list(person.id)).length;
    await panel.sessions.endAllOf(person.id);
    await panel.record('endSessions', person.name, { count });
    ctx.out(ctx.text('sessionsEnded', { name: person.name, count }));
  });
};

function peopleOf({ db }: PanelDatabase, name: string | undefined): Promise<{ id: string; name: string }[]> {
  const all = db.selectFrom('person').select(['id', 'name']).orderBy('name');
  return (name === undefined ? all : all.where('name', '=', name.toLowerCase())).execute();
}

/** Text of strangers: nothing that a terminal would obey. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 60);
}
