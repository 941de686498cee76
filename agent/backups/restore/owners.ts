import { listAccounts } from '../../core/machine.ts';
import { readText } from '../../core/files.ts';
import type { TreeMember } from '../manifest.ts';

/*
 * Who owns what is put back. Names count before numbers: on another machine the number of a site's user may be somebody
 * else's. A number that belongs to another name here is given to nobody but root.
 */

export type OwnerMap = {
  /** Files of this account belong to `toUid` here: the site's own user. */
  readonly fromUser: string;
  readonly fromUid: number | null;
  readonly toUid: number;
  readonly toGid?: number;
};

export type OwnerOf = (member: Pick<TreeMember, 'uid' | 'gid' | 'user' | 'group'>) => {
  readonly uid: number;
  readonly gid: number;
  /** Neither name nor number could be kept. */
  readonly isReplaced: boolean;
};

type Names = { readonly byName: ReadonlyMap<string, number>; readonly byNumber: ReadonlyMap<number, string> };

export function createOwnerOf(map?: OwnerMap): OwnerOf {
  const users = namesOf(listAccounts().map(({ name, uid }) => [name, uid]));
  const groups = namesOf(listGroups());
  return ({ uid, gid, user, group }) => {
    const isMapped = map !== undefined && (user === '' ? uid === map.fromUid : user === map.fromUser);
    const owner = isMapped ? map.toUid : numberOf(users, user, uid);
    const isOwnGroup = map?.toGid !== undefined && (group === '' ? gid === map.fromUid : group === map.fromUser);
    const owning = isOwnGroup ? map.toGid : numberOf(groups, group, gid);
    return { uid: owner ?? 0, gid: owning ?? 0, isReplaced: owner === undefined || owning === undefined };
  };
}

function numberOf({ byName, byNumber }: Names, name: string, number: number): number | undefined {
  const known = name === '' ? undefined : byName.get(name);
  if (known !== undefined) return known;
  const holder = byNumber.get(number);
  // Nobody's number, or the same account under no name.
  return holder === undefined || name === '' ? number : undefined;
}

function namesOf(pairs: readonly (readonly [string, number])[]): Names {
  return { byName: new Map(pairs), byNumber: new Map(pairs.map(([name, number]) => [number, name])) };
}

function listGroups(): [string, number][] {
  return (readText('/etc/group', 16 * 1024 * 1024) ?? '').split('\n').flatMap((line): [string, number][] => {
    const [name, , gid] = line.split(':');
    return name === undefined || gid === undefined ? [] : [[name, Number(gid)]];
  });
}
