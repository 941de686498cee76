import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<string>();

/** Everything that `work` starts belongs to this request: its statements carry the id, as does the log of the pool. */
export function inRequestScope<T>(requestId: string, work: () => T): T {
  return scope.run(requestId, work);
}

export function currentRequestId(): string | undefined {
  return scope.getStore();
}

/** A comment behind a statement, by which the server's own list of statements tells whose it is. */
export function requestComment(): string {
  const id =
    scope
      .getStore()
      ?.replaceAll(/[^A-Za-z0-9_-]/g, '')
      .slice(0, 64) ?? '';
  return id === '' ? '' : ` /* ${id} */`;
}
