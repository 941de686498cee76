// Made by `npm run generate` from the files of this folder. Do not edit.
import type { Migration } from '../migrate-source.ts';
import * as m0001 from './0001_core.ts';
import * as m0002 from './0002_sites.ts';
import * as m0003 from './0003_jobs.ts';
import * as m0004 from './0004_accounts.ts';
import * as m0005 from './0005_doors.ts';
import * as m0006 from './0006_site_settings.ts';
import * as m0007 from './0007_deployments.ts';
import * as m0008 from './0008_saved_commands.ts';
import * as m0009 from './0009_site_figures.ts';
import * as m0010 from './0010_file_links.ts';
import * as m0011 from './0011_file_favourites.ts';
import * as m0012 from './0012_recording_and_remarks.ts';

/** Every migration in the order of execution. */
export const migrations: readonly Migration[] = [
  {
    name: '0001_core',
    checksum: 'f845ac3c2f6474c8d678e8a89fce58525a8a537cf69e9f8cbdf3b5ce1dbe04e1',
    effect: 'safe',
    rules: [],
    module: m0001,
  },
  {
    name: '0002_sites',
    checksum: '04a2013be623c87cb3684dcea39bd1aa784b0145c5582d528135d535a54ab2e4',
    effect: 'safe',
    rules: [],
    module: m0002,
  },
  {
    name: '0003_jobs',
    checksum: '74c1b7f40f3c010e8a50208e2938a457e2c176461adc8feb98951571157fb7ff',
    effect: 'safe',
    rules: [],
    module: m0003,
  },
  {
    name: '0004_accounts',
    checksum: 'af3362768593a78319945e80e8aa555b89f5e2003b7f5bff3f67ff59b9ef9ada',
    effect: 'destructive',
    rules: ['V-batch', 'V-drop', 'V-fkidx', 'V-index', 'V-mix'],
    module: m0004,
  },
  {
    name: '0005_doors',
    checksum: '8804798b787c557f3c1988ac79943ccf89a9073eceb4fe2338c8d30ab20284a6',
    effect: 'safe',
    rules: [],
    module: m0005,
  },
  {
    name: '0006_site_settings',
    checksum: '061f72cbf60ee6dcad969da9cd9369ce7f91f772caded34fc6de76e5c4cc110c',
    effect: 'safe',
    rules: [],
    module: m0006,
  },
  {
    name: '0007_deployments',
    checksum: 'b259012afed240131a737230913d1aa95a2c24c0866ed3f4c7d3ed64d157f658',
    effect: 'safe',
    rules: [],
    module: m0007,
  },
  {
    name: '0008_saved_commands',
    checksum: '77a6ba11244bdd543ade99ce6b8f67672fc379e44ac4830d5a6eab3a960f4b30',
    effect: 'safe',
    rules: [],
    module: m0008,
  },
  {
    name: '0009_site_figures',
    checksum: '90854d2e502b1062bb3cb09f07a291a0e942c5b47c4aab0b1141855b9c8f9d41',
    effect: 'safe',
    rules: [],
    module: m0009,
  },
  {
    name: '0010_file_links',
    checksum: '10fc93ddbdd8b9b10a3d7b32874fb1636dd7829340ecf539b9080509906b9c52',
    effect: 'safe',
    rules: [],
    module: m0010,
  },
  {
    name: '0011_file_favourites',
    checksum: '1b4b4f43b265ab960b4a26cde1f4087c736cf760a7b4f3058bac3263e91ff567',
    effect: 'safe',
    rules: [],
    module: m0011,
  },
  {
    name: '0012_recording_and_remarks',
    checksum: 'd6dd3318358bbfa1a227e527803eaa9b027af538a8e644dcaca3e30b030895c0',
    effect: 'safe',
    rules: [],
    module: m0012,
  },
];
