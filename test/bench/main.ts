// npm run bench [-- --quick] [-- --only backups,create,cron,deploy,files,flood,idle,import,lists,load,php,read,
// tables,terminal]
// Prints every figure of speed and size beside its limit and writes test-results/bench.json. As root all of it runs in a
// private machine (namespaces), with the real agent and a real nginx; otherwise what needs root says "not run".
// --quick: 10 and 100 sites instead of 10, 1,000 and 5,000, 10 s instead of 60 s, 300 MiB to back up instead of 3 GiB, an SQL dump of
// 150 MiB instead of 1 GiB.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureBackups } from './backups.ts';
import { measureCreation } from './create-site.ts';
import { measureFiles } from './files.ts';
import { formatFigure, verdictOf, type Figure } from './figures.ts';
import { measureCron } from './cron.ts';
import { measureDeploy } from './deploy.ts';
import { measureFlood } from './flood.ts';
import { measureFirstLoad } from './first-load.ts';
import { measureIdle } from './idle.ts';
import { measureImport } from './import.ts';
import { measureLists } from './list-sites.ts';
import { findCode } from './panel-process.ts';
import { measurePhpChanges } from './php-change.ts';
import { measurePhp } from './php-site.ts';
import { isInside, runInside, setUp } from './private-machine.ts';
import { measureReading } from './read-site.ts';
import { measureTables } from './tables.ts';
import { measureTerminal } from './terminal.ts';

const args = process.argv.slice(2);
const isPrivate = isInside(args);
const isRoot = process.getuid?.() === 0;
if (isRoot && !isPrivate) {
  process.exitCode = await runInside(import.meta.filename, args);
} else {
  process.exitCode = await main();
}

async function main(): Promise<number> {
  if (isPrivate) setUp();
  const isQuick = args.includes('--quick');
  const only = args.find((arg) => arg.startsWith('--only'))?.split('=')[1] ?? args[args.indexOf('--only') + 1];
  const wants = (part: string): boolean =>
    !args.some((arg) => arg.startsWith('--only')) || (only ?? '').split(',').includes(part);
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-bench-'));
  const figures: Figure[] = [];
  const [load = 0] = loadavg();
  if (load > 0.5)
    console.log(
      `other work is running here (load ${load.toFixed(1)}): speeds and times are worse than on a quiet machine`,
    );
  const add = (found: readonly Figure[]): void => {
    for (const figure of found) console.log(formatFigure(figure));
    figures.push(...found);
  };
  const attempt = async (part: string, work: () => Promise<readonly Figure[]>): Promise<void> => {
    if (!wants(part)) return;
    try {
      add(await work());
    } catch (error) {
      // A part that broke is a failure, not a figure that was never asked for.
      const note = error instanceof Error ? error.message : String(error);
      add([{ what: `${part} could not be measured`, unit: '', value: 1, limit: { atMost: 0 }, note }]);
    }
  };
  try {
    const code = findCode(folder);
    const counts = isQuick ? [10, 100] : [10, 1_000, 5_000];
    const seconds = isQuick ? 10 : 60;
    await attempt('idle', async () => await measureIdle(code, folder, seconds, isPrivate));
    await attempt('flood', async () => await measureFlood(code, folder, isPrivate));
    await attempt('php', async () => (isPrivate ? await measurePhp(code, folder) : []));
    await attempt('php', async () => (isPrivate ? await measurePhpChanges(code, folder) : []));
    await attempt('deploy', async () => (isPrivate ? await measureDeploy(code, folder) : []));
    await attempt('backups', async () =>
      isPrivate
        ? await measureBackups(
            code,
            folder,
            isQuick ? { treeMib: 200, databaseMib: 100 } : { treeMib: 2_048, databaseMib: 1_024 },
          )
        : noBackups(),
    );
    await attempt('import', async () =>
      isPrivate ? await measureImport(code, folder, isQuick ? 150 : 1_024) : noImport(),
    );
    await attempt('files', async () =>
      isPrivate
        ? await measureFiles(
            code,
            folder,
            isQuick ? { uploadMib: 256, hayMib: 256 } : { uploadMib: 2_048, hayMib: 1_024 },
          )
        : notRun('files beside find and nginx'),
    );
    await attempt('tables', async () =>
      isPrivate ? await measureTables(code, folder, isQuick ? 1_000_000 : 10_000_000) : notRun('any page of a table'),
    );
    await attempt('terminal', async () =>
      isPrivate ? await measureTerminal(code, folder, isQuick ? 20 : 100) : notRun('terminal beside ttyd and Cockpit'),
    );
    await attempt('cron', async () =>
      isPrivate ? await measureCron(code, folder, seconds) : notRun('500 scheduled jobs'),
    );
    // Last of what asks nginx: its thousands of sites stay, and each reload would load them for the others too.
    await attempt('create', async () => (isPrivate ? await measureCreation(code, folder, counts) : needsRoot(counts)));
    if (['lists', 'read', 'load'].some(wants)) {
      let panel: Awaited<ReturnType<typeof measureLists>> | undefined;
      // The others are measured with what it has made.
      if (!wants('lists')) panel = await measureLists(code, folder);
      await attempt('lists', async () => (panel = await measureLists(code, folder)).figures);
      if (panel !== undefined) {
        const { panel: running, siteId } = panel;
        await attempt('read', async () => await measureReading(running, siteId, isQuick ? 5 : 15));
        await attempt('load', async () => await measureFirstLoad(code, running));
        await running.stop();
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return report(figures);
}

function needsRoot(counts: readonly number[]): Figure[] {
  return counts.map((count) => ({
    what: `static site, API call to first 200, ${count} sites present`,
    unit: '× bare',
    value: null,
    limit: { atMost: 1.5 },
    note: 'needs root: works on real paths in namespaces of its own',
  }));
}

function notRun(what: string): Figure[] {
  const note = 'needs root: works on real paths in namespaces of its own';
  return [{ what, unit: '', value: null, limit: { atMost: 0 }, note }];
}

function noBackups(): Figure[] {
  const note = 'needs root: dumps a server of its own in namespaces of its own';
  return [{ what: 'backups beside the bare tool', unit: '× bare', value: null, limit: { atMost: 1.3 }, note }];
}

function noImport(): Figure[] {
  const note = 'needs root: loads a server of its own in namespaces of its own';
  return [{ what: 'import of an SQL dump into MariaDB', unit: '× bare', value: null, limit: { atMost: 1.15 }, note }];
}

function report(figures: readonly Figure[]): number {
  const results = join(import.meta.dirname, '..', '..', 'test-results');
  mkdirSync(results, { recursive: true });
  const rows = figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) }));
  writeFileSync(
    join(results, 'bench.json'),
    `${JSON.stringify({ at: new Date().toISOString(), figures: rows }, null, 2)}\n`,
  );
  const count = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
  console.log(`\n${count('passed')} hold, ${count('failed')} do not, ${count('not run')} not run`);
  return count('failed') === 0 ? 0 : 1;
}
