import type { Kysely } from 'kysely';
import { api } from '#shared/api.ts';
import { permissions, type BuiltInRole, type Permission } from '#shared/access.ts';
import type { Operation } from '#shared/http.ts';
import { cronFactsOf } from '../core/testing/cron.ts';
import type { TestApp, TestClient } from '../testing.ts';

/*
 * For tests: who asks for what in the matrix of authorisation. Operations come from `shared/api.ts`: a new one is in the
 * matrix the day it is written, with an empty body, and is expected to refuse whom its `access` does not name.
 */

export const operations: readonly Operation[] = Object.values(api).flatMap((group): Operation[] =>
  Object.values(group),
);

/** Things that exist when the matrix begins: one site of each person, and what belongs to it. */
export type Scene = {
  readonly ownSite: string;
  readonly otherSite: string;
  readonly otherChange: string;
  readonly personId: string;
  readonly roleId: string;
  readonly confirm: string;
  readonly jobId: string;
};

export type Sample = { readonly params?: Record<string, string>; readonly body?: unknown; readonly query?: string };

const backupTargetId = 'cccccccccccccccc';
const backupRetention = { last: 1, hourly: 0, daily: 7, weekly: 4, monthly: 12, yearly: 0 };

/** Requests that would work, where an empty one says too little. */
export function samplesOf(scene: Scene): Record<string, Sample> {
  return {
    changePassword: { body: { current: 'owner-1 has a long password', next: 'another long one 31' } },
    addTotp: { body: { secret: 'A'.repeat(32), code: '123456' } },
    renamePasskey: { params: { passkeyId: 'AAAA' }, body: { name: 'key' } },
    removePasskey: { params: { passkeyId: 'AAAA' } },
    exportAudit: { query: 'format=csv' },
    createToken: { body: { name: 'ci', scopes: ['sites.read'], expiresInDays: 1 } },
    createBan: { body: { value: '203.0.113.77', minutes: 5 } },
    invitePerson: { body: { name: 'invited', role: 'viewer' } },
    updatePerson: { params: { personId: scene.personId }, body: { displayName: 'new' } },
    removePerson: { params: { personId: scene.personId } },
    newInvitation: { params: { personId: scene.personId }, body: {} },
    listPersonSessions: { params: { personId: scene.personId } },
    endPersonSessions: { params: { personId: scene.personId } },
    createRole: { body: { name: 'another', permissions: ['sites.read'], siteScope: 'all' } },
    updateRole: {
      params: { roleId: scene.roleId },
      body: { name: 'renamed', permissions: ['sites.read'], siteScope: 'assigned' },
    },
    setRoleRecording: { params: { roleId: scene.roleId }, body: { recording: 'always' } },
    deleteRole: { params: { roleId: scene.roleId } },
    setSettings: { body: { panelName: 'x', defaultLanguage: 'ar' } },
    createSite: { body: { kind: 'static', domains: ['matrix.test'] } },
    updateSite: { body: { remark: 'seen' } },
    setSiteCustomDirectives: { body: { text: 'add_header X-A b;' } },
    findSiteAnswer: { body: { url: 'http://matrix.test/' } },
    keepSitePassword: { body: { password: 'a long enough one' } },
    resolveSiteDrift: { body: { choice: 'overwrite' } },
    deleteSite: { body: { confirm: scene.confirm, files: 'recycle' } },
    readSiteLog: { params: { kind: 'access' } },
    followSiteLog: { params: { kind: 'access' } },
    getSiteChange: { params: { changeId: scene.otherChange } },
    undoSiteChange: { params: { changeId: scene.otherChange }, body: {} },
    configureDeploy: {
      body: { deploy: { source: { url: 'https://a.test/x.git', ref: { kind: 'branch', name: 'main' } } } },
    },
    runSiteDependencies: { body: { work: { kind: 'composer', task: 'install' } } },
    startDeploymentOf: { body: { target: { kind: 'commit', name: 'a'.repeat(40) } } },
    beginArchiveUpload: { body: { fileName: 'x.zip', sizeBytes: 10 } },
    writeArchivePiece: { body: { offset: 0, data: 'AAAA' } },
    createMachineAccount: { body: { name: 'matrix', loginShell: '/bin/bash' } },
    createMachineGroup: { body: { name: 'matrix' } },
    setMachineAccountPassword: { params: { name: 'sara' }, body: { password: 'a long enough one' } },
    copySite: { body: { domains: ['copied.test'] } },
    makeFile: { body: { folder: '', name: 'x', type: 'file' } },
    renameFile: { body: { path: 'x', name: 'y' } },
    moveFiles: { body: { paths: ['x'], into: '', onConflict: 'refuse' } },
    copyFiles: { body: { paths: ['x'], into: '', onConflict: 'refuse' } },
    setFileMode: { body: { paths: ['x'], mode: 0o644 } },
    removeFiles: { body: { paths: ['x'] } },
    createFileLink: { body: { path: 'x', hours: 1 } },
    restoreFiles: { body: { ids: ['aaaaaaaaaaaaaaaa'] } },
    discardFiles: { body: { ids: ['aaaaaaaaaaaaaaaa'] } },
    downloadFile: { query: 'path=x' },
    downloadFiles: { query: 'path=x&format=zip' },
    saveFile: { query: 'path=x' },
    searchFiles: { body: { text: 'x' } },
    findFiles: { query: 'name=x' },
    fetchFile: { body: { address: 'https://a.test/x', into: '', name: null, sha256: null, onConflict: 'refuse' } },
    addFavouriteFolder: { body: { path: 'x' } },
    setFileRemark: { body: { path: 'index.html', remark: 'x' } },
    removeFavouriteFolder: { query: 'path=x' },
    packFiles: { body: { paths: ['x'], into: '', name: 'x.zip' } },
    previewFileArchive: { query: 'path=x.zip' },
    setFileRights: { body: { paths: ['x'], fileMode: 0o640, folderMode: 0o750, keepsRun: true, toSite: false } },
    unpackFiles: { body: { path: 'x.zip', into: '', only: [], onConflict: 'refuse' } },
    listFileVersions: { query: 'path=x' },
    downloadFileVersion: { query: 'path=x' },
    beginFileUpload: { body: { path: 'x', sizeBytes: 10, onConflict: 'refuse' } },
    writeFileUpload: { query: 'offset=0' },
    finishFileUpload: { body: { sum: `sha256:${'0'.repeat(64)}`, onConflict: 'refuse' } },
    createCronJob: { body: cronFactsOf('matrix') },
    updateCronJob: { body: cronFactsOf('matrix') },
    enableCronJob: { body: { isEnabled: true } },
    installWordpress: { body: { source: { kind: 'download' } } },
    makeDeployKey: { body: { isReplacing: false } },
    scanDeployHost: { body: { url: 'git@a.test:x.git' } },
    listDeployRefs: { body: { url: 'https://a.test/x.git' } },
    installSoftware: { params: { name: 'nginx' } },
    updateSoftware: { params: { name: 'nginx' } },
    getSoftwarePlan: { params: { name: 'nginx' } },
    putFtpSettings: { body: { users: [], requiresTls: true } },
    getJob: { params: { jobId: scene.jobId } },
    cancelJob: { params: { jobId: scene.jobId } },
    retryJob: { params: { jobId: scene.jobId } },
    streamJob: { params: { jobId: scene.jobId } },
    listBackupMembers: { query: 'part=panel' },
    pinBackupSet: { body: { isPinned: true } },
    startBackupRun: { body: { kind: 'verify', targetId: backupTargetId, setId: null, isFull: false } },
    putBackupTarget: {
      params: { targetId: backupTargetId },
      body: {
        name: 'matrix',
        place: { kind: 'local', path: '/backup/matrix' },
        limits: { uploadKibPerSecond: null, downloadKibPerSecond: null, minFreeBytes: null, maxBytes: null },
        secret: null,
      },
    },
    putBackupHook: {
      body: {
        name: 'matrix',
        url: 'https://chat.example.com/room',
        events: ['run_failed'],
        language: 'en',
        isEnabled: true,
        secret: null,
      },
    },
    putBackupPlan: {
      body: {
        name: 'matrix',
        sources: [{ kind: 'panel' }],
        targetIds: [backupTargetId],
        excludes: [],
        schedule: null,
        retention: backupRetention,
        proof: 'never',
        isPaused: false,
      },
    },
    changeBackupKeys: { body: { operation: 'rotate' } },
    previewBackupRetention: { body: { targetId: backupTargetId, planId: null, retention: backupRetention } },
  };
}

/** What an owner cannot do either without a fresh factor. */
export const dangerous: readonly string[] = [
  'addTotp',
  'changeBackupKeys',
  'changeMachineAccount',
  'changeMachineAccountKeys',
  'changeMachineGroupMembers',
  'changePassword',
  'createMachineAccount',
  'createMachineGroup',
  'createRole',
  'createToken',
  'deleteMachineAccount',
  'deleteMachineGroup',
  'deleteRole',
  'deleteSite',
  'endPersonSessions',
  'invitePerson',
  'makeDeployHook',
  'newInvitation',
  'newRecoveryCodes',
  'putBackupHook',
  'putBackupPlan',
  'putBackupTarget',
  'removeBackupHook',
  'removeBackupPlan',
  'removeBackupTarget',
  'removePasskey',
  'removePerson',
  'removeTotp',
  'renamePasskey',
  'setMachineAccountPassword',
  'setRoleRecording',
  'setSiteCustomDirectives',
  'updatePerson',
  'updateRole',
];

/** What only people may do, never a token. */
export const onlyForPeople: readonly string[] = operations
  .filter(
    ({ access, id }) =>
      (access === 'signedIn' && id !== 'getMe' && id !== 'streamEvents') ||
      access.startsWith('terminals.') ||
      id.includes('FileLink'),
  )
  .map(({ id }) => id);

/** The site of a path is somebody else's, unless `siteId` says otherwise. */
export function urlOf(operation: Operation, sample: Sample, siteId: string): string {
  const given: Record<string, string> = { siteId, ...sample.params };
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => given[name] ?? 'aaaaaaaaaaaaaaaa');
  return sample.query === undefined ? path : `${path}?${sample.query}`;
}

export type Subject = {
  readonly name: string;
  readonly client: TestClient;
  /** undefined: nobody is signed in. */
  readonly permissions: readonly Permission[] | undefined;
  readonly isToken?: boolean;
  /** Objects of others do not exist for them. */
  readonly isAssigned?: boolean;
};

export const roles: readonly BuiltInRole[] = ['owner', 'administrator', 'operator', 'site_manager', 'viewer'];

/** A client that asks with a token of this person. */
export function withToken(client: TestClient, secret: string): TestClient {
  const headers = {
    authorization: `Bearer ${secret}`,
    cookie: undefined,
    origin: undefined,
    'x-aapanel': undefined,
    'sec-fetch-site': undefined,
  };
  return {
    ...client,
    request: (path, options = {}) => client.request(path, { ...options, headers: { ...options.headers, ...headers } }),
  };
}

export async function makeToken(client: TestClient, scopes: readonly string[], more = {}): Promise<string> {
  const body = { name: 'matrix', scopes, expiresInDays: 1, ...more };
  const answer = await client.post('/api/v1/me/tokens', body);
  if (answer.status !== 201) throw new Error(answer.text);
  return (answer.json as { secret: string }).secret;
}

export function allBut(permission: string): Permission[] {
  return permissions.filter((known) => known !== permission);
}

const tableNames = new WeakMap<object, string[]>();

/** Everything the panel keeps, except what every request leaves behind: its audit row and the last use. */
export async function dumpDatabase({ ctx }: Pick<TestApp, 'ctx'>): Promise<string> {
  const db = ctx.db as unknown as Kysely<Record<string, Record<string, unknown>>>;
  // Asked once: MariaDB takes its time to say what tables there are.
  let names = tableNames.get(ctx.db);
  if (names === undefined) {
    const tables = await ctx.db.introspection.getTables();
    names = tables.map(({ name }) => name).filter((name) => name !== 'audit' && !name.startsWith('schema_'));
    tableNames.set(ctx.db, names.toSorted());
  }
  const dump = await Promise.all(
    names.map(async (table) => {
      const rows = await db.selectFrom(table).selectAll().execute();
      const lines = rows.map((row) =>
        JSON.stringify({ ...row, last_used_at: null, last_address: null, last_seen_at: null }),
      );
      return [table, lines.toSorted()];
    }),
  );
  return JSON.stringify(dump);
}
