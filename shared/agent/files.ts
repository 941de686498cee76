import { z } from 'zod';
import {
  binIds,
  binItem,
  fileChoices,
  fileModes,
  filePaths,
  fileRename,
  filesDone,
  mostInPage,
  fileSorts,
  newFile,
} from '../files.ts';
import { fileColumns } from '../file-columns.ts';
import { fileCondition, fileVersion, maxEditBytes, savedFile } from '../file-editing.ts';
import { fileName, filePath } from '../file-names.ts';
import { mostRemarks } from '../file-remarks.ts';
import {
  byteRange,
  fileEtag,
  fileUpload,
  maxUploadBytes,
  maxUploadPieceBytes,
  newUpload,
  uploadEnd,
  uploadSum,
} from '../file-transfers.ts';
import { fetchWish } from '../file-fetch.ts';
import { fileFind, foundNames } from '../file-find.ts';
import { fileRights, rightsChange, rightsRecord } from '../file-rights.ts';
import { fileSearch } from '../file-search.ts';
import { fileUsage, fileUsageQuery } from '../file-usage.ts';
import { archiveFormats, fileArchivePreview, fileUnpacking, mostDownloaded, newFileArchive } from '../file-work.ts';
import { id, instant } from '../http.ts';
import type { AgentAction } from './action.ts';
import { slug } from './slug.ts';

const site = z.strictObject({ siteId: id, slug });

/** Everything below is done by a process of the site's own Linux user, below a handle on the site's folder. */
const writing = {
  permission: 'files.write',
  ticket: 'never',
  isReadOnly: false,
  isIdempotent: false,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024 * 1024,
} as const;

export const filesBin = {
  name: 'files.bin',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({ site }),
  result: z.object({ items: z.array(binItem) }),
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: "List the recycle bin of a site's files",
} as const satisfies AgentAction;

export const filesCopy = {
  ...writing,
  name: 'files.copy',
  params: fileChoices.extend({ site }),
  result: filesDone,
  // Whole folders; what is not done by then is taken back.
  timeoutMs: 100_000,
  summary: 'Copy files and folders of a site',
} as const satisfies AgentAction;

export const filesDiscard = {
  ...writing,
  name: 'files.discard',
  params: binIds.extend({ site }),
  result: z.object({}),
  isIdempotent: true,
  timeoutMs: 60_000,
  summary: "Delete things of the recycle bin of a site's files for good",
} as const satisfies AgentAction;

export const filesDownload = {
  name: 'files.download',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({
    site,
    path: filePath.min(1),
    range: byteRange.nullable(),
    /** The range is of use only while the file is still this one. */
    ifRange: fileEtag.nullable(),
    /** Without: only what is known of the file. */
    withBytes: z.boolean(),
  }),
  result: z.object({
    sizeBytes: z.int(),
    etag: fileEtag,
    modifiedAt: instant,
    /** What is sent; null: all of it, as no range was asked for or none that counts. */
    part: z.object({ from: z.int(), bytes: z.int() }).nullable(),
    /** The range lies behind the end. */
    isBeyond: z.boolean(),
  }),
  bytes: 'out',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 4 * 1024,
  summary: 'Read the bytes of a file of a site',
} as const satisfies AgentAction;

export const filesDownloadArchive = {
  name: 'files.download_archive',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({
    site,
    paths: z.array(filePath.min(1)).min(1).max(mostDownloaded),
    format: z.enum(archiveFormats),
    /** The first line of the list of what was left out. */
    leftOutTitle: z.string().min(1).max(200),
    /** Without: only what there is to send. */
    withBytes: z.boolean(),
  }),
  result: z.object({ files: z.int(), bytes: z.int(), leftOut: z.int() }),
  bytes: 'out',
  isReadOnly: true,
  isIdempotent: true,
  // All of it is counted first.
  timeoutMs: 60_000,
  maxResultBytes: 4 * 1024,
  summary: 'Send files and folders of a site as one archive',
} as const satisfies AgentAction;

export const filesFind = {
  name: 'files.find',
  permission: 'files.read',
  ticket: 'never',
  params: fileFind.extend({ site, showsHidden: z.boolean() }),
  result: foundNames,
  isReadOnly: true,
  isIdempotent: true,
  // The walk ends before that by itself.
  timeoutMs: 25_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Find files and folders of a site by their names',
} as const satisfies AgentAction;

export const filesList = {
  name: 'files.list',
  permission: 'files.read',
  ticket: 'never',
  params: z.strictObject({
    site,
    path: filePath,
    sort: z.enum(fileSorts),
    isDescending: z.boolean(),
    showsHidden: z.boolean(),
    filter: z.string().max(255),
    /** Names that are let through though they do not have it. */
    also: z.array(fileName).max(mostRemarks).optional(),
    offset: z.int().min(0),
    limit: z.int().min(1).max(mostInPage),
  }),
  result: fileColumns,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'List a folder of a site, a page at a time',
} as const satisfies AgentAction;

export const filesMake = {
  ...writing,
  name: 'files.make',
  params: newFile.extend({ site }),
  result: filesDone,
  summary: 'Make an empty file or a folder in a site',
} as const satisfies AgentAction;

export const filesMove = {
  ...writing,
  name: 'files.move',
  params: fileChoices.extend({ site }),
  result: filesDone,
  summary: 'Move files and folders of a site',
} as const satisfies AgentAction;

export const filesRemove = {
  ...writing,
  name: 'files.remove',
  params: filePaths.extend({ site }),
  result: filesDone,
  summary: 'Move files and folders to the recycle bin of their site',
} as const satisfies AgentAction;

export const filesRename = {
  ...writing,
  name: 'files.rename',
  params: fileRename.extend({ site }),
  result: filesDone,
  summary: 'Give a file or folder of a site another name',
} as const satisfies AgentAction;

export const filesRestore = {
  ...writing,
  name: 'files.restore',
  params: binIds.extend({ site }),
  result: filesDone,
  summary: "Put things of the recycle bin of a site's files back",
} as const satisfies AgentAction;

export const filesRightsBegin = {
  ...writing,
  name: 'files.rights_begin',
  // Giving away what belongs to others is root's work, and so is taking that back.
  ticket: 'depends',
  params: z.strictObject({
    site,
    workId: id,
    wish: z.discriminatedUnion('kind', [
      fileRights.extend({ kind: z.literal('set') }),
      z.strictObject({ kind: z.literal('undo'), rightsId: id }),
    ]),
  }),
  result: z.object({}),
  isIdempotent: true,
  maxResultBytes: 1_024,
  summary: 'Begin to set rights of folders of a site and everything below them, or to take such a change back',
} as const satisfies AgentAction;

const rightsReading = {
  permission: 'files.read',
  ticket: 'never',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
} as const;

export const filesRightsChanges = {
  ...rightsReading,
  name: 'files.rights_changes',
  params: z.strictObject({ site, rightsId: id }),
  result: z.object({ items: z.array(rightsChange) }),
  maxResultBytes: 4 * 1024 * 1024,
  summary: 'Show what a change of rights in a site changed, path by path',
} as const satisfies AgentAction;

export const filesRightsList = {
  ...rightsReading,
  name: 'files.rights_list',
  params: z.strictObject({ site }),
  result: z.object({ items: z.array(rightsRecord) }),
  maxResultBytes: 2 * 1024 * 1024,
  summary: 'List the changes of rights in a site that can be taken back',
} as const satisfies AgentAction;

export const filesSave = {
  ...writing,
  name: 'files.save',
  params: z.strictObject({
    site,
    path: filePath.min(1),
    condition: fileCondition,
    lengthBytes: z.int().min(0).max(maxEditBytes),
  }),
  result: savedFile.extend({ sha256: z.string() }),
  bytes: 'in',
  timeoutMs: 90_000,
  summary: 'Write a file of a site in one step and keep what it held before',
} as const satisfies AgentAction;

export const filesSearch = {
  name: 'files.search',
  permission: 'files.read',
  ticket: 'never',
  params: fileSearch.extend({ site }),
  /** What is found follows, line by line, for as long as the wish says. */
  result: z.object({}),
  bytes: 'out',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
  maxResultBytes: 1_024,
  summary: 'Search in what files of a site hold',
} as const satisfies AgentAction;

export const filesSetMode = {
  ...writing,
  name: 'files.set_mode',
  params: fileModes.extend({ site }),
  result: filesDone,
  isIdempotent: true,
  summary: 'Set who may read, write and run files of a site',
} as const satisfies AgentAction;

export const filesTidy = {
  name: 'files.tidy',
  permission: 'panel',
  ticket: 'never',
  params: z.strictObject({}),
  result: z.object({}),
  isReadOnly: false,
  isIdempotent: true,
  timeoutMs: 300_000,
  maxResultBytes: 1_024,
  summary: 'Delete what is left of uploads that nobody went on with for a day',
} as const satisfies AgentAction;

const upload = z.strictObject({ site, uploadId: id });

export const filesUploadBegin = {
  ...writing,
  name: 'files.upload_begin',
  params: newUpload.extend({ site, uploadId: id }),
  result: fileUpload,
  isIdempotent: true,
  summary: 'Make room for a file that is sent to a site',
} as const satisfies AgentAction;

export const filesUploadDrop = {
  ...writing,
  name: 'files.upload_drop',
  params: upload,
  result: z.object({}),
  isIdempotent: true,
  summary: 'Delete what arrived of an upload',
} as const satisfies AgentAction;

export const filesUploadFinish = {
  ...writing,
  name: 'files.upload_finish',
  params: uploadEnd.extend({
    site,
    uploadId: id,
    /** null: the web process, which wrote all of it, has compared it. */
    sum: uploadSum.nullable(),
  }),
  result: z.object({ path: z.string() }),
  // What is not compared yet is read now: 100 GB of a slow disk take their time.
  timeoutMs: 900_000,
  summary: 'Compare an upload with its sum and put it in its place',
} as const satisfies AgentAction;

export const filesUploadOpen = {
  ...writing,
  name: 'files.upload_open',
  params: upload,
  result: fileUpload.extend({
    /** Where the web process may write the bytes itself, until the end; null: they are sent. */
    writePath: z.string().nullable(),
  }),
  isIdempotent: true,
  summary: 'Let the web process write an upload itself',
} as const satisfies AgentAction;

export const filesUploadState = {
  name: 'files.upload_state',
  permission: 'files.read',
  ticket: 'never',
  params: upload,
  result: fileUpload,
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 10_000,
  maxResultBytes: 32 * 1024,
  summary: 'Show how far an upload is',
} as const satisfies AgentAction;

export const filesUploadWrite = {
  ...writing,
  name: 'files.upload_write',
  params: upload.extend({
    offset: z.int().min(0).max(maxUploadBytes),
    lengthBytes: z.int().min(0).max(maxUploadPieceBytes),
  }),
  result: fileUpload,
  bytes: 'in',
  // No longer than the web process lets a piece take on its way, and a little.
  timeoutMs: 90_000,
  summary: 'Take the next bytes of an upload',
} as const satisfies AgentAction;

export const filesUsage = {
  name: 'files.usage',
  permission: 'files.read',
  ticket: 'never',
  params: fileUsageQuery.extend({ site }),
  result: fileUsage,
  isReadOnly: true,
  isIdempotent: true,
  // The walk ends before that by itself.
  timeoutMs: 30_000,
  maxResultBytes: 2 * 1024 * 1024,
  summary: 'Measure what takes the space in a folder of a site',
} as const satisfies AgentAction;

const versions = {
  permission: 'files.read',
  ticket: 'never',
  isReadOnly: true,
  isIdempotent: true,
  timeoutMs: 20_000,
} as const;

export const filesVersion = {
  ...versions,
  name: 'files.version',
  params: z.strictObject({ site, path: filePath.min(1), versionId: id }),
  result: z.object({ sizeBytes: z.int() }),
  bytes: 'out',
  maxResultBytes: 4 * 1024,
  summary: 'Read what a file of a site held before',
} as const satisfies AgentAction;

export const filesVersions = {
  ...versions,
  name: 'files.versions',
  params: z.strictObject({ site, path: filePath.min(1) }),
  result: z.object({ items: z.array(fileVersion) }),
  maxResultBytes: 64 * 1024,
  summary: 'List what a file of a site held before',
} as const satisfies AgentAction;

export const filesArchivePreview = {
  ...versions,
  name: 'files.archive_preview',
  params: z.strictObject({ site, path: filePath.min(1) }),
  result: fileArchivePreview,
  // All of it is read.
  timeoutMs: 100_000,
  maxResultBytes: 8 * 1024 * 1024,
  summary: 'Show what is in an archive of a site, by the rules of unpacking',
} as const satisfies AgentAction;

const work = z.strictObject({ site, workId: id });

export const filesWorkBegin = {
  ...writing,
  name: 'files.work_begin',
  params: work.extend({
    wish: z.discriminatedUnion('kind', [
      newFileArchive.extend({ kind: z.literal('pack') }),
      fileUnpacking.extend({ kind: z.literal('unpack') }),
      fetchWish,
    ]),
  }),
  result: z.object({}),
  isIdempotent: true,
  maxResultBytes: 1_024,
  summary: 'Begin to pack, unpack or fetch files of a site as its own user; it goes on by itself',
} as const satisfies AgentAction;

export const filesWorkState = {
  ...versions,
  name: 'files.work_state',
  params: work,
  result: z.object({
    /** null: nothing is known of it (any more). */
    work: z
      .object({
        state: z.enum(['running', 'done', 'stopped', 'failed']),
        files: z.int(),
        bytes: z.int(),
        allFiles: z.int(),
        allBytes: z.int(),
        leftOut: z.int(),
        leftOutNames: z.array(z.string()),
        paths: z.array(z.string()),
        failure: z.object({ reason: z.string(), params: z.record(z.string(), z.unknown()) }).nullable(),
      })
      .nullable(),
  }),
  maxResultBytes: 4 * 1024 * 1024,
  summary: 'Show how far long work on files of a site is',
} as const satisfies AgentAction;

export const filesWorkStop = {
  ...writing,
  name: 'files.work_stop',
  params: work,
  result: z.object({}),
  isIdempotent: true,
  maxResultBytes: 1_024,
  summary: 'Stop long work on files of a site; what it made is taken away',
} as const satisfies AgentAction;
