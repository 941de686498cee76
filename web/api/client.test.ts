import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { accountsApi } from '#shared/accounts.ts';

const nobody = () => Response.json({ code: 'not_signed_in', fields: [] }, { status: 401 });
const fine = () => Response.json({ items: [] });
const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const signedOut = vi.fn<() => void>();

/** As after a load of the page. */
async function freshClient() {
  vi.resetModules();
  const { call, whenSignedOut } = await import('./client.ts');
  whenSignedOut(signedOut);
  return () => call(accountsApi.sessions, {});
}

beforeEach(() => {
  fetched.mockReset();
  signedOut.mockReset();
  vi.stubGlobal('fetch', fetched);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const addresses = () => fetched.mock.calls.map(([url]) => url);

describe('a call that is refused because nobody is signed in', () => {
  it('is made once more when the session only got a new id meanwhile', async () => {
    const sessions = await freshClient();
    fetched.mockImplementation(async () => fine());
    await sessions();
    fetched.mockImplementationOnce(async () => nobody()).mockImplementationOnce(async () => nobody());
    const answers = [sessions(), sessions()];
    await vi.runAllTimersAsync();
    expect(await Promise.all(answers)).toEqual([{ items: [] }, { items: [] }]);
    expect(addresses().filter((url) => url === accountsApi.me.path)).toHaveLength(1);
    expect(signedOut).not.toHaveBeenCalled();
  });

  it('waits for the answer that brings the new id', async () => {
    const sessions = await freshClient();
    fetched.mockImplementation(async () => fine());
    await sessions();
    for (let refused = 0; refused < 3; refused += 1) fetched.mockImplementationOnce(async () => nobody());
    const answer = sessions();
    await vi.runAllTimersAsync();
    expect(await answer).toEqual({ items: [] });
    expect(signedOut).not.toHaveBeenCalled();
  });

  it('fails, and the page is told, when the session has ended', async () => {
    const sessions = await freshClient();
    fetched.mockImplementationOnce(async () => fine()).mockImplementation(async () => nobody());
    await sessions();
    const answer = expect(sessions()).rejects.toMatchObject({ code: 'not_signed_in' });
    await vi.runAllTimersAsync();
    await answer;
    expect(signedOut).toHaveBeenCalledTimes(1);
  });

  it('fails as it is when the panel cannot be asked whether it has ended', async () => {
    const sessions = await freshClient();
    fetched
      .mockImplementationOnce(async () => fine())
      .mockImplementationOnce(async () => nobody())
      .mockImplementation(() => Promise.reject(new TypeError('offline')));
    await sessions();
    const answer = expect(sessions()).rejects.toMatchObject({ code: 'offline' });
    await vi.runAllTimersAsync();
    await answer;
    expect(signedOut).not.toHaveBeenCalled();
  });

  it('is not looked into before somebody was signed in', async () => {
    const sessions = await freshClient();
    fetched.mockImplementation(async () => nobody());
    await expect(sessions()).rejects.toMatchObject({ code: 'not_signed_in' });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it('is another thing than a wrong password', async () => {
    const sessions = await freshClient();
    const wrong = { code: 'not_signed_in', reason: 'wrong_credentials', fields: [] };
    fetched
      .mockImplementationOnce(async () => fine())
      .mockImplementation(async () => Response.json(wrong, { status: 401 }));
    await sessions();
    await expect(sessions()).rejects.toMatchObject({ reason: 'wrong_credentials' });
    expect(fetched).toHaveBeenCalledTimes(2);
    expect(signedOut).not.toHaveBeenCalled();
  });
});
