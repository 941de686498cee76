import { AppError } from '#shared/errors.ts';
import {
  mostLargestFiles,
  mostUsageItems,
  type FileAmount,
  type LargeFile,
  type UsageItem,
} from '#shared/file-usage.ts';
import type { FakeActions } from '../agent-fake.ts';
import type { Removed, Thing, Tree } from './folders.ts';

type Site = { readonly siteId: string };
type Parts = { readonly treeOf: (site: Site) => Tree; readonly binOf: (site: Site) => readonly Removed[] };

const blockBytes = 4_096;
/** On a machine of the fake a walk ends in a folder of this name. */
const endlessName = 'endless';

/** Sizes of the folders of memory. */
export function createFakeUsage({ treeOf, binOf }: Parts): Pick<FakeActions, 'files.usage'> {
  return {
    async 'files.usage'({ site, path }) {
      const tree = treeOf(site);
      if (path !== '' && tree.get(path)?.type !== 'folder')
        throw new AppError('not_found', 'There is no such file.', { reason: 'file_gone', params: { name: path } });
      const items = new Map<string, UsageItem>();
      const largest: LargeFile[] = [];
      const total = { ...nothing(), diskBytes: blockBytes };
      for (const [each, thing] of tree) {
        const inside = path === '' ? each : each.startsWith(`${path}/`) ? each.slice(path.length + 1) : '';
        const [name = ''] = inside.split('/');
        if (name === '') continue;
        const { type, modifiedAt } = thing;
        const amount = amountOf(thing);
        addTo(total, amount);
        const isPartial = inside === endlessName;
        // A folder counts what is below it, and not itself.
        if (inside === name) items.set(name, { ...amount, folders: 0, name, type, isPartial });
        else addTo(items.get(name), amount);
        if (type === 'file') largest.push({ path: each, bytes: amount.bytes, diskBytes: amount.diskBytes, modifiedAt });
      }
      const removed = path === '' ? binOf(site).flatMap((each) => [...each.tree.values()]) : [];
      if (removed.length > 0) {
        const bin: UsageItem = { ...nothing(), name: '.aapanel-bin', type: 'bin', isPartial: false };
        for (const thing of removed) addTo(bin, amountOf(thing));
        addTo(total, bin);
        total.folders++;
        items.set(bin.name, bin);
      }
      const sorted = [...items.values()].toSorted(bySize);
      const rest = { ...nothing(), items: 0 };
      for (const item of sorted.slice(mostUsageItems)) {
        addTo(rest, item);
        rest.items++;
      }
      return {
        ...total,
        items: sorted.slice(0, mostUsageItems),
        rest,
        largest: largest.toSorted(bySize).slice(0, mostLargestFiles),
        why: sorted.some(({ isPartial }) => isPartial) ? 'time' : 'whole',
        unread: 0,
        elsewhere: 0,
      };
    },
  };
}

const nothing = (): FileAmount => ({ bytes: 0, diskBytes: 0, files: 0, folders: 0 });

function amountOf({ type, sizeBytes }: Thing): FileAmount {
  if (type === 'folder') return { bytes: 0, diskBytes: blockBytes, files: 0, folders: 1 };
  return { bytes: sizeBytes, diskBytes: Math.ceil(sizeBytes / blockBytes) * blockBytes, files: 1, folders: 0 };
}

function addTo(sum: FileAmount | undefined, { bytes, diskBytes, files, folders }: FileAmount): void {
  if (sum === undefined) return;
  sum.bytes += bytes;
  sum.diskBytes += diskBytes;
  sum.files += files;
  sum.folders += folders;
}

const bySize = (one: Pick<FileAmount, 'diskBytes'>, other: typeof one): number => other.diskBytes - one.diskBytes;
