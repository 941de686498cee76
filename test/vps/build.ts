// `node test/vps/build.ts`: makes the root file systems of all suites, one after the other (two cores are shared with
// the other tests).
import { rootfs, suites } from './rootfs.ts';

for (const suite of suites) {
  const started = Date.now();
  const path = await rootfs(suite);
  console.log(`${suite}: ${path} (${Math.round((Date.now() - started) / 1000)} s)`);
}
