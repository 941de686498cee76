import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountsApi } from '#shared/accounts.ts';
import { call } from './client.ts';
import { confirmBefore, confirmQuestion, elevatedForMs } from './elevation.ts';
import { ApiError } from './errors.ts';

const refused = () => Response.json({ code: 'elevation_required', fields: [] }, { status: 403 });
const fine = () => Response.json({ recoveryCodes: ['aaaaabbbbb'] }, { status: 201 });
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => vi.unstubAllGlobals());

const newCodes = () => call(accountsApi.newRecoveryCodes, {});

describe('a call that needs a confirmation', () => {
  it('is made once more after it, the very same', async () => {
    fetched.mockImplementationOnce(async () => refused()).mockImplementationOnce(async () => fine());
    const answer = call(accountsApi.addTotp, { body: { secret: 'A'.repeat(32), code: '123456' } });
    await vi.waitFor(() => expect(confirmQuestion.get()).not.toBeNull());
    confirmQuestion.get()?.confirmed();
    expect(await answer).toEqual({ recoveryCodes: ['aaaaabbbbb'] });
    const [first, second] = fetched.mock.calls;
    expect(second?.[0]).toBe(first?.[0]);
    expect(second?.[1].body).toBe(first?.[1].body);
    expect(confirmQuestion.get()).toBeNull();
  });

  it('is not tried a third time', async () => {
    fetched.mockImplementation(async () => refused());
    const answer = newCodes();
    await vi.waitFor(() => expect(confirmQuestion.get()).not.toBeNull());
    confirmQuestion.get()?.confirmed();
    await expect(answer).rejects.toMatchObject({ code: 'elevation_required', isWithdrawn: false });
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it('ends quietly when the person would rather not', async () => {
    fetched.mockImplementation(async () => refused());
    const answer = newCodes();
    await vi.waitFor(() => expect(confirmQuestion.get()).not.toBeNull());
    confirmQuestion.get()?.withdrawn();
    await expect(answer).rejects.toMatchObject({ isWithdrawn: true });
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(confirmQuestion.get()).toBeNull();
  });

  it('shares one question with others, also with one that is refused after the answer', async () => {
    let late: (answer: Response) => void = () => undefined;
    fetched
      .mockImplementationOnce(async () => refused())
      .mockImplementationOnce(async () => refused())
      .mockImplementationOnce(() => new Promise((resolve) => (late = resolve)))
      .mockImplementation(async () => fine());
    const asked = vi.fn();
    const stop = confirmQuestion.subscribe(() => confirmQuestion.get() !== null && asked());
    const answers = [newCodes(), newCodes(), newCodes()];
    await vi.waitFor(() => expect(confirmQuestion.get()).not.toBeNull());
    confirmQuestion.get()?.confirmed();
    await Promise.all(answers.slice(0, 2));
    late(refused());
    await Promise.all(answers);
    expect(asked).toHaveBeenCalledTimes(1);
    stop();
  });

  it('leaves other refusals alone', async () => {
    fetched.mockImplementation(async () => Response.json({ code: 'not_allowed', fields: [] }, { status: 403 }));
    await expect(newCodes()).rejects.toBeInstanceOf(ApiError);
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe('before a longer procedure', () => {
  const now = Date.parse('2026-01-01T00:00:00.000Z');

  it('counts what is left of an elevation', () => {
    expect(elevatedForMs('2026-01-01T00:05:00.000Z', now)).toBe(300_000);
    expect(elevatedForMs('2025-12-31T23:59:59.000Z', now)).toBe(0);
    expect(elevatedForMs(null, now)).toBe(0);
  });

  it('asks when too little is left, and not otherwise', async () => {
    await confirmBefore(new Date(Date.now() + 400_000).toISOString());
    const soon = confirmBefore(new Date(Date.now() + 60_000).toISOString());
    await vi.waitFor(() => expect(confirmQuestion.get()).not.toBeNull());
    confirmQuestion.get()?.confirmed();
    await soon;
  });
});
