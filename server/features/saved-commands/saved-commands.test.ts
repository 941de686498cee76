import { afterAll, beforeAll, expect, it } from 'vitest';
import { mostSavedCommands, type SavedCommand } from '#shared/saved-commands.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { insertSavedCommand } from './saved-commands.store.ts';

const path = '/api/v1/saved-commands';
const command = "mysqldump --password='s3cret' {{database}}";

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp();
  owner = await test.signIn('owner');
});
afterAll(() => test.close());

const list = async (client = owner): Promise<SavedCommand[]> =>
  ((await client.get(path)).json as { items: SavedCommand[] }).items;
const add = async (name: string, client = owner): Promise<SavedCommand> => {
  const answer = await client.post(path, { name, command });
  expect(answer.status).toBe(201);
  return answer.json as SavedCommand;
};

it('a command is saved as it was typed, changed and forgotten; the audit log has its name and nothing of it', async () => {
  const made = await add('نسخة');
  await add('Another');
  expect(await list()).toMatchObject([{ name: 'Another' }, { name: 'نسخة', command }]);
  const typed = '  ls  -la | grep "cafe\u0301" && printf \'%s\' {{.Names}}  ';
  const changed = await owner.put(`${path}/${made.id}`, { name: 'نسخة', command: typed });
  expect(changed.json).toMatchObject({ id: made.id, command: typed });
  const taken = await owner.put(`${path}/${made.id}`, { name: 'ANOTHER', command });
  expect([taken.status, taken.json]).toMatchObject([409, { reason: 'saved_command_name_taken' }]);
  expect((await owner.post(path, { name: 'another', command })).status).toBe(409);
  expect((await owner.delete(`${path}/${made.id}`)).status).toBe(204);
  expect((await owner.delete(`${path}/${made.id}`)).json).toMatchObject({ reason: 'saved_command_gone' });
  expect(await list()).toMatchObject([{ name: 'Another' }]);
  const audit = JSON.stringify((await owner.get('/api/v1/audit')).json);
  expect(audit).toContain('createSavedCommand');
  expect(audit).toContain('نسخة');
  expect(audit).not.toContain('s3cret');
});

it('what would run by being inserted, or show as another command, is not saved', async () => {
  const before = await list();
  for (const bad of [
    '',
    '   ',
    'ls\n',
    'ls\rreboot',
    'ls\u0000',
    'ls \u001b[201~ reboot',
    'ls \u0085',
    'ls \u2028reboot',
    'ls \u202etoober',
    'ls \u2066x',
    'x'.repeat(2_001),
  ]) {
    const { status, json } = await owner.post(path, { name: 'bad', command: bad });
    expect([status, (json as { fields: { field: string }[] }).fields[0]?.field], bad).toEqual([400, 'command']);
  }
  for (const name of ['', ' ', 'a\nb', 'x'.repeat(81)])
    expect((await owner.post(path, { name, command })).status, name).toBe(400);
  expect(await list()).toEqual(before);
});

it('PERM-7 each person has a book of their own, also beside an owner; without the right to terminals there is none', async () => {
  const made = await add('mine');
  const manager = await test.signIn('site_manager', { siteIds: [] });
  expect(await list(manager)).toEqual([]);
  // The same name of two people is two commands.
  const own = await add('mine', manager);
  expect((await manager.put(`${path}/${made.id}`, { name: 'taken over', command: 'reboot' })).status).toBe(404);
  expect((await manager.delete(`${path}/${made.id}`)).status).toBe(404);
  expect((await owner.delete(`${path}/${own.id}`)).status).toBe(404);
  expect((await list()).find(({ id }) => id === made.id)).toEqual(made);
  expect(await list(manager)).toEqual([own]);
  const viewer = await test.signIn('viewer');
  expect([(await test.anonymous.get(path)).status, (await viewer.get(path)).status]).toEqual([401, 403]);
  expect((await viewer.post(path, { name: 'x', command })).status).toBe(403);
});

it('there are never more than may be', async () => {
  const { id: personId } = await test.ctx.db
    .selectFrom('person')
    .select('id')
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  for (let number = (await list()).length; number < mostSavedCommands; number++) {
    const id = `aaaaaaaaaaaaa${String(number)
      .padStart(3, 'a')
      .replace(/\d/g, (digit) => 'bcdefghijk'[Number(digit)] ?? '')}`;
    await insertSavedCommand(test.ctx.db, { id, personId, name: `n${number}`, command, at: 1 });
  }
  const full = await owner.post(path, { name: 'One more', command });
  expect(full.json).toMatchObject({ reason: 'saved_commands_full', params: { max: mostSavedCommands } });
});
