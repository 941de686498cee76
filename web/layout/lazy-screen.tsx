import { use, type ComponentType, type ReactNode } from 'react';
import { accountsApi } from '#shared/accounts.ts';
import { call } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { wantMoreTexts } from '../i18n/i18n.ts';

type Screen = (() => ReactNode) & { preload: () => Promise<void> };

const reloadedKey = 'aapanel.reloaded';
/** One reload in this time: a build that is broken must not turn in circles. */
const reloadEveryMs = 60_000;

/**
 * A screen whose code is loaded when it is first wanted. A failed load is not remembered: "retry" asks again. When the
 * panel answers and the code is gone, the panel was upgraded meanwhile and the page is loaded anew.
 */
export function lazyScreen<Name extends string>(
  load: () => Promise<{ readonly [N in Name]: ComponentType }>,
  name: Name,
): Screen {
  let Loaded: ComponentType | undefined;
  let loading: Promise<void> | undefined;
  const preload = (): Promise<void> => {
    loading ??= Promise.all([load(), wantMoreTexts()]).then(
      ([module]) => {
        Loaded = module[name];
      },
      async (cause: unknown) => {
        loading = undefined;
        await reloadIfUpgraded();
        throw new ApiError({ code: 'offline' }, cause);
      },
    );
    return loading;
  };
  function LazyScreen() {
    if (Loaded === undefined) use(preload());
    return Loaded === undefined ? null : <Loaded />;
  }
  return Object.assign(LazyScreen, { preload });
}

/** Throws `offline` when the panel does not answer; never comes back when it reloads. */
async function reloadIfUpgraded(): Promise<void> {
  await call(accountsApi.signInState, {});
  const before = Number(sessionStorage.getItem(reloadedKey) ?? 0);
  if (Date.now() - before < reloadEveryMs) return;
  sessionStorage.setItem(reloadedKey, String(Date.now()));
  location.reload();
  await new Promise(() => undefined);
}
