import { Suspense, useState } from 'react';
import { confirmQuestion } from '../api/elevation.ts';
import { useMe } from '../api/session.ts';
import { freshCodes } from '../features/account/fresh-codes.ts';
import { lazyScreen } from './lazy-screen.tsx';
import { Shell } from './Shell.tsx';
import { useStore } from './store.ts';

const ElevationDialog = lazyScreen(() => import('../features/accounts/ElevationDialog.tsx'), 'ElevationDialog');
const FreshCodes = lazyScreen(() => import('../features/account/FreshCodes.tsx'), 'FreshCodes');
const SecondFactorNeeded = lazyScreen(() => import('../features/account/SecondFactorNeeded.tsx'), 'SecondFactorNeeded');

/** Everything that a signed-in person sees: the panel, or first the second factor that they owe. */
export function SignedIn() {
  const { mustAddSecondFactor } = useMe();
  return (
    <>
      <Suspense>{mustAddSecondFactor ? <SecondFactorNeeded /> : <Shell />}</Suspense>
      <Questions />
    </>
  );
}

/** What may be asked or shown over any screen, loaded when it is first wanted. */
function Questions() {
  const isAsked = useOnce(useStore(confirmQuestion) !== null);
  const hasCodes = useOnce(useStore(freshCodes) !== null);
  return (
    <Suspense>
      {isAsked && <ElevationDialog />}
      {hasCodes && <FreshCodes />}
    </Suspense>
  );
}

/** True from the first time on: a dialog that closes still has its last movement to make. */
function useOnce(isWanted: boolean): boolean {
  const [wasWanted, setWasWanted] = useState(isWanted);
  if (isWanted && !wasWanted) setWasWanted(true);
  return isWanted || wasWanted;
}
