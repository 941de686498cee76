import { listNames, makeFolders, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { takeUser, type SiteUser } from './users.ts';

/*
 * A site whose files are gathered before it is made has its user already: nobody else is given that one meanwhile. The
 * note says so until the transaction that makes the site takes it away.
 */

type Where = Pick<Machine, 'stateFolder'>;

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/reserved-users`;

export function reservationPath(where: Where, userName: string): string {
  return `${folderOf(where)}/${userName}`;
}

export function reservedUsers(where: Where): string[] {
  return listNames(folderOf(where)).filter((name) => !name.startsWith('.'));
}

/** Call it where no site is being made. */
export async function reserveUser(machine: Machine, taken: ReadonlySet<string>, owner: string): Promise<SiteUser> {
  const user = await takeUser(machine, taken);
  makeFolders(folderOf(machine));
  const unsynced = new Unsynced();
  putFile(reservationPath(machine, user.name), Buffer.from(owner), { mode: 0o600 }, 'reserve', unsynced);
  await unsynced.flush();
  return user;
}

/** Only the owner's: the same user may be somebody else's by now. */
export function dropReservation(where: Where, userName: string, owner: string): void {
  const path = reservationPath(where, userName);
  if (readText(path) === owner) removeFile(path);
}
