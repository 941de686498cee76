import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';
import { anyOf } from './texts.ts';

const officeId = 'aaaaaaaaaaaaaaaa';
const diskId = 'bbbbbbbbbbbbbbbb';
const planId = 'cccccccccccccccc';
const lateId = 'dddddddddddddddd';
const phoneId = 'eeeeeeeeeeeeeeee';
const roomId = 'ffffffffffffffff';

/**
 * Two targets, one of which cannot be reached, two plans with names in both directions, three backups of which one is
 * proven and pinned. Answers the id of that one.
 */
export async function prepareBackups(owner: Asker): Promise<string> {
  await owner.elevate();
  const limits = { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null };
  const put = (path: string, body: object): Promise<unknown> => owner.send('PUT', `/api/v1/backups/${path}`, body);
  const hostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ';
  await put(`targets/${officeId}`, {
    name: 'خادم المكتب',
    place: { kind: 'sftp', host: 'backup.example.com', port: 22, user: 'backup', path: 'aapanel', hostKey },
    limits: { ...limits, maxBytes: 2 ** 31 },
    secret: { kind: 'ssh_key', privateKey: 'x' },
  });
  await put(`targets/${diskId}`, {
    name: 'fail-target: the disk in the cupboard that somebody has to switch on',
    place: { kind: 'local', path: '/mnt/a-disk-with-a-rather-long-name/that-goes-on/and-on/backups' },
    limits: { ...limits, maxBytes: null },
    secret: { kind: 'none' },
  });
  await owner.send('POST', '/api/v1/backups/keys', { operation: 'new_recovery' });
  await owner.send('POST', '/api/v1/backups/keys', { operation: 'rotate' });
  const plan = {
    excludes: ['*.log'],
    retention: { last: 3, hourly: 24, daily: 7, weekly: 4, monthly: 6, yearly: 0 },
    proof: 'weekly',
    isPaused: false,
  };
  await put(`plans/${planId}`, {
    ...plan,
    name: 'كل شيء، كل ساعة',
    sources: [
      { kind: 'panel' },
      { kind: 'all_sites' },
      { kind: 'all_databases', engine: 'mariadb' },
      { kind: 'folder', path: '/srv/files' },
    ],
    targetIds: [officeId],
    schedule: { every: 'hourly', atMinute: 30, cron: '', timeZone: 'Asia/Riyadh' },
  });
  await put(`plans/${lateId}`, {
    ...plan,
    name: 'a nightly copy of the shop and of everything that somebody may ever want to look at again',
    sources: [
      { kind: 'site', slug: 'shop.test' },
      { kind: 'database', engine: 'mariadb', name: 'shop' },
    ],
    targetIds: [diskId],
    schedule: null,
  });
  const hook = { events: ['run_failed', 'verify_failed', 'proof_failed', 'overdue', 'recovered'], isEnabled: true };
  await put(`hooks/${phoneId}`, {
    ...hook,
    name: 'هاتف المناوب',
    url: 'https://ntfy.example.com/backups',
    language: 'ar',
    secret: { kind: 'key', key: 'a-secret-of-sixteen' },
  });
  await put(`hooks/${roomId}`, {
    ...hook,
    name: 'the room of the people who look after the servers at night and at the weekend',
    url: 'https://chat-with-a-rather-long-name.internal.example.com:8443/fail-hook',
    events: ['run_failed', 'overdue'],
    language: 'en',
    secret: null,
  });
  for (const id of [phoneId, roomId]) await owner.send('POST', `/api/v1/backups/hooks/${id}/test`, undefined);
  // The runs of one target wait for each other; those of another go on beside.
  const [first] = await Promise.all([
    run(owner, { kind: 'create', planId }),
    run(owner, { kind: 'create', planId: lateId }),
  ]);
  if (first !== 'succeeded') throw new Error('the first backup failed');
  await run(owner, { kind: 'prove', targetId: officeId, setId: null });
  const { items } = await owner.get<{ items: { setId: string }[] }>('/api/v1/backups/sets');
  const setId = items[0]?.setId ?? '';
  await put(`targets/${officeId}/sets/${setId}/pin`, { isPinned: true });
  await run(owner, { kind: 'create', planId });
  return setId;
}

async function run(owner: Asker, request: object): Promise<string> {
  const job = await owner.send<{ id: string }>('POST', '/api/v1/backups/runs', request);
  for (let tries = 0; tries < 300; tries++) {
    const { endedAt, state } = await owner.get<{ endedAt: string | null; state: string }>(`/api/v1/jobs/${job.id}`);
    if (endedAt !== null) return state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the run does not end');
}

export const backupScreens: readonly Screen[] = [
  {
    name: 'backups',
    path: '/backups',
    open: async (page, { backups }) => page.getByText(anyOf(backups.concerns.runFailed)).waitFor(),
  },
  {
    name: 'backups-first',
    path: '/backups',
    open: async (page, { backups }) => {
      const nothing = {
        resticVersion: null,
        scheduler: 'systemd',
        recovery: null,
        keys: [],
        targets: [],
        plans: [],
        hooks: [],
      };
      await page.route('**/api/v1/backups', (route) => route.fulfill({ json: nothing }));
      await page.reload();
      await page.getByRole('heading', { name: backups.first.title }).waitFor();
      await page.unroute('**/api/v1/backups');
    },
  },
  {
    name: 'backup-plan',
    path: '/backups?plan=new',
    open: async (page, { backups }) => {
      const form = page.getByRole('dialog', { name: backups.plan.newTitle });
      await form.getByRole('radio', { name: anyOf(backups.plan.chosen) }).check({ force: true });
      await form.getByRole('radio', { name: backups.plan.everies.daily }).check({ force: true });
      await form.getByRole('button', { name: backups.plan.create }).click();
      await form.getByText(backups.plan.noSources).waitFor();
    },
  },
  {
    name: 'backup-plan-edit',
    path: `/backups?plan=${planId}`,
    open: async (page, { backups }) =>
      page.getByRole('region', { name: anyOf(backups.plan.preview) }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'backup-target',
    path: '/backups?target=new',
    open: async (page, { backups }) => {
      const form = page.getByRole('dialog', { name: backups.target.newTitle });
      await form.getByRole('button', { name: backups.target.submit }).click();
      await form.getByText(backups.target.required).first().waitFor();
    },
  },
  {
    name: 'backup-target-s3',
    path: '/backups?target=new',
    open: async (page, { backups }) =>
      page.getByRole('radio', { name: anyOf(backups.targets.kinds.s3) }).check({ force: true }),
  },
  { name: 'backup-sets', path: '/backups/sets' },
  { name: 'backup-sets-none', path: `/backups/sets?plan=${lateId}` },
  { name: 'backup-set', path: `/backups/sets/${officeId}/{backup}?part=site%2Fshop.test&folder=صور` },
  {
    name: 'backup-restore',
    path: `/backups/sets/${officeId}/{backup}`,
    open: async (page, { backups }) => {
      await page.getByRole('button', { name: backups.set.restore }).click();
      const sheet = page.getByRole('dialog', { name: backups.restore.title });
      await sheet.getByRole('radio', { name: anyOf(backups.restore.inPlace) }).check({ force: true });
      await sheet.getByRole('button', { name: backups.restore.preview }).click();
      await sheet.getByTestId('backup-report').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'backup-restore-sure',
    path: `/backups/sets/${officeId}/{backup}`,
    open: async (page, { backups }) => {
      await page.getByRole('button', { name: backups.set.restore }).click();
      const sheet = page.getByRole('dialog', { name: backups.restore.title });
      await sheet.getByRole('radio', { name: anyOf(backups.restore.inPlace) }).check({ force: true });
      await sheet.getByRole('button', { name: backups.restore.preview }).click();
      await sheet.getByRole('button', { name: backups.restore.start, exact: true }).click();
      await page.getByText(backups.restore.confirmSafety).waitFor();
    },
  },
  { name: 'backup-runs', path: '/backups/runs' },
  {
    name: 'backup-run',
    path: '/backups/runs',
    open: async (page) => {
      await page.locator('tbody button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'backup-alerts', path: '/backups/alerts' },
  {
    name: 'backup-alerts-none',
    path: '/backups/alerts',
    open: async (page, { backups }) => {
      await page.route('**/api/v1/backups', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ json: { ...((await answer.json()) as object), hooks: [] } });
      });
      await page.reload();
      await page.getByText(backups.alerts.empty).waitFor();
      await page.unroute('**/api/v1/backups');
    },
  },
  {
    name: 'backup-hook',
    path: '/backups/alerts?hook=new',
    open: async (page, { backups }) => {
      const form = page.getByRole('dialog', { name: backups.alerts.newTitle });
      await form.getByRole('button', { name: backups.alerts.submit }).click();
      await form.getByText(backups.alerts.required).first().waitFor();
    },
  },
  {
    name: 'backup-hook-edit',
    path: `/backups/alerts?hook=${phoneId}`,
    open: async (page) => page.getByRole('dialog').waitFor(),
  },
  {
    name: 'backup-bell',
    path: '/backups/alerts?1',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.shell.top.notifications }).click();
      // Its news come a moment after the page.
      await page.getByText(anyOf(texts.shell.notifications.backups.run_failed)).waitFor();
    },
  },
  { name: 'backup-keys', path: '/backups/keys' },
  {
    name: 'backup-recovery',
    path: '/backups/keys?1',
    open: async (page, { backups }) => {
      await page.getByRole('button', { name: backups.keys.recoveryAgain }).click();
      const question = page.getByRole('dialog', { name: backups.keys.recoveryAgainTitle });
      await question.getByRole('button', { name: backups.keys.recoveryAgain }).click();
      const sheet = page.getByRole('dialog', { name: backups.sheet.title });
      await sheet.getByRole('img', { name: backups.sheet.qr }).waitFor();
    },
  },
];
