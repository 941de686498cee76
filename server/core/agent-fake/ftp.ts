import { AppError } from '#shared/errors.ts';
import { plainFtpWord, type FtpSettings } from '#shared/ftp.ts';
import type { FakeActions } from '../agent-fake.ts';

type Name = Extract<keyof FakeActions, `ftp.${string}`>;

/** The part of the fake agent that knows the FTP server. */
export function createFakeFtp(isInstalled: () => boolean): Pick<FakeActions, Name> {
  let now: FtpSettings = { users: [], candidates: ['omar', 'sara'], requiresTls: true };
  const mustBeThere = (): void => {
    if (!isInstalled()) throw new AppError('in_use', 'The FTP server is not installed.', { reason: 'ftp_missing' });
  };
  return {
    async 'ftp.read_settings'() {
      mustBeThere();
      return now;
    },
    async 'ftp.put_settings'({ users, requiresTls, confirmed }) {
      mustBeThere();
      if (!requiresTls && confirmed !== plainFtpWord)
        throw new AppError('invalid_request', 'Without TLS passwords travel readable: that has to be confirmed.', {
          reason: 'plain_ftp_unconfirmed',
        });
      const name = users.find((each) => !now.candidates.includes(each));
      if (name !== undefined)
        throw new AppError('invalid_request', 'Only people of the machine with a password sign in over FTP.', {
          reason: 'ftp_user_unfit',
          params: { name },
        });
      now = { ...now, users: users.toSorted(), requiresTls };
      return now;
    },
  };
}
