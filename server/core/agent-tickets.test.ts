import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import type { AgentCallOptions, AgentClient } from './agent-client.ts';
import { withTickets } from './agent-tickets.ts';

type Asked = { name: string; params: Record<string, unknown>; ticket: string | undefined };

/** An agent that answers as the list says, one after another, and remembers what it was asked. */
function agentThat(...answers: (object | AppError)[]): { call: AgentClient['call']; asked: Asked[] } {
  const asked: Asked[] = [];
  const once = (name: string, params: unknown, { ticket }: AgentCallOptions) => {
    asked.push({ name, params: params as Record<string, unknown>, ticket });
    const answer = answers.shift() ?? {};
    return answer instanceof AppError ? Promise.reject(answer) : Promise.resolve(answer);
  };
  return { call: withTickets(once as never), asked };
}

const elevation = () => Promise.resolve('an elevation');
const actor = { id: 'aaaaaaaaaaaaaaaa', name: 'mona', sessionId: 'bbbbbbbbbbbbbbbb', elevation };
const options = { actor, requestId: 'r' };
const change = { change: { kind: 'add_totp' as const, secret: 'A'.repeat(32), code: '123 456' } };

it('a dangerous action gets a ticket for exactly what is sent', async () => {
  const { call, asked } = agentThat({ ticket: 'one' }, { recoveryCodes: null });
  await call('factors.change', change, options);
  expect(asked.map(({ name, ticket }) => [name, ticket])).toEqual([
    ['elevation.ticket', undefined],
    ['factors.change', 'one'],
  ]);
  const sent = { change: { ...change.change, code: '123456' } };
  expect(asked[1]?.params).toEqual(sent);
  expect(asked[0]?.params).toMatchObject({
    action: 'factors.change',
    digest: createHash('sha256').update(canonicalJson(sent)).digest('hex'),
  });
});

it('an agent that was started again in between is asked once more with a new ticket, and only once', async () => {
  const lost = new AppError('elevation_required', 'void', { reason: 'ticket_void' });
  const { call, asked } = agentThat({ ticket: 'old' }, lost, { ticket: 'new' }, { recoveryCodes: null });
  await call('factors.change', change, options);
  expect(asked.map(({ ticket }) => ticket)).toEqual([undefined, 'old', undefined, 'new']);
  const twice = agentThat({ ticket: 'old' }, lost, { ticket: 'new' }, lost);
  await expect(twice.call('factors.change', change, options)).rejects.toBe(lost);
  expect(twice.asked).toHaveLength(4);
});

it('where it depends, an elevation that is over is no obstacle: the agent decides', async () => {
  const over = new AppError('elevation_required', 'over', { reason: 'elevation_void' });
  const site = { siteId: 'aaaaaaaaaaaaaaaa', slug: 'a.test' };
  const removal = { site, root: '/www/wwwroot/a.test', changeId: 'bbbbbbbbbbbbbbbb', confirm: '0'.repeat(64) };
  const { call, asked } = agentThat(over, { files: [], recycledTo: null });
  await call('sites.remove', { ...removal, files: 'keep' }, options);
  expect(asked.map(({ name, ticket }) => [name, ticket])).toEqual([
    ['elevation.ticket', undefined],
    ['sites.remove', undefined],
  ]);
  const always = agentThat(over);
  await expect(always.call('factors.change', change, options)).rejects.toBe(over);
});

it('nobody who has not confirmed is asked for a ticket, and harmless actions never need one', async () => {
  const { call, asked } = agentThat({}, {});
  await call('people.list', {}, options);
  await call('factors.change', change, { actor: { id: actor.id, name: actor.name }, requestId: 'r' });
  expect(asked.map(({ name }) => name)).toEqual(['people.list', 'factors.change']);
});
