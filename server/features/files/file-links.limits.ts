import { AppError } from '#shared/errors.ts';
import { createRateWindow } from '../../core/rate-window.ts';
import { networkOf } from '../../core/auth/sign-in-limits-network.ts';

/** Whatever one network asks of links in a minute; guesses of a token too, which look like everything else. */
const askedPerMinute = 120;
/** Passwords that are tried at one link, from wherever: the limits of signing in count by address only. */
const triesPerLink = 60;
const triesMs = 10 * 60_000;

/*
 * Downloads by links that go on at once. The agent has few ways for bytes and few processes for sites: whoever is signed in
 * shall find some free, however many strangers download slowly.
 */
const mostAtOnce = 12;
const mostSites = 4;
const mostOfSite = 4;
const mostOfNetwork = 3;

/** In the memory of this process: a restart forgives. */
export function createLinkLimits() {
  const asked = createRateWindow({ most: askedPerMinute, windowMs: 60_000 });
  const tried = createRateWindow({ most: triesPerLink, windowMs: triesMs });
  const running = new Set<{ readonly siteId: string; readonly network: string }>();

  return {
    /** Throws `rate_limited`. */
    ask: (address: string, now: number): void => asked(networkOf(address), now),
    /** Before a password of the link is looked at. Throws `rate_limited`. */
    tryPassword: (linkId: string, now: number): void => tried(linkId, now),
    /** Throws `busy` while too many go on; otherwise the function answered says that it is over. */
    begin(siteId: string, address: string): () => void {
      const network = networkOf(address);
      const all = [...running];
      const sites = new Set(all.map((each) => each.siteId)).add(siteId).size;
      const ofSite = all.filter((each) => each.siteId === siteId).length;
      const ofNetwork = all.filter((each) => each.network === network).length;
      if (all.length >= mostAtOnce || sites > mostSites || ofSite >= mostOfSite || ofNetwork >= mostOfNetwork)
        throw new AppError('busy', 'Too many downloads go on.');
      const mine = { siteId, network };
      running.add(mine);
      return () => void running.delete(mine);
    },
  };
}

export type LinkLimits = ReturnType<typeof createLinkLimits>;
