import { textOfFixture, type Fixtures } from './fixture.ts';

const first = { '0001_first': textOfFixture({ name: '0001_first' }) };
const good = textOfFixture({});
const asSecond = (name: string, before: string | null) => textOfFixture({ name }, before);

export const historyFixtures: Fixtures = {
  'V-file': {
    bad: {
      'not TypeScript': { text: 'const = ;' },
      'no import of the database': { text: good.replace(/import[\s\S]*?ddl.ts';\n/, '') },
      'no header': { text: good.replace(/\/\*\*.*\*\//, '') },
      'a header of a few letters': { text: good.replace(/\/\*\*.*\*\//, '/** x */') },
      'no up': { text: good.replace('async function up', 'async function upwards') },
      'another type': { text: good.replace('Promise<void>', 'Promise<number>') },
    },
    good: {
      template: {},
      'kysely alone': { text: good.replace(/import \{\n[\s\S]*?ddl.ts';\n/, '').replaceAll('MigrationDb', 'unknown') },
      'a header of several lines': { text: good.replace('/** Revision', '/**\n * Words first.\n * Revision') },
    },
  },
  'V-name': {
    bad: {
      'a name without number': { name: 'people' },
      'capital letters': { name: '0001_People' },
      'another revision than the file': { text: good.replace("'0001_case'", "'0001_other'") },
      'a revision that is no text': { text: good.replace("revision = '0001_case'", 'revision = 1') },
      'no downRevision': { text: good.replace(/export const downRevision.*/, '') },
      'a downRevision that is neither text nor null': { text: good.replace('downRevision = null', 'downRevision = 0') },
      orphan: { name: '0002_two', text: asSecond('0002_two', '0001_gone'), around: first },
      'a second beginning': { name: '0002_two', text: asSecond('0002_two', null), around: first },
      'two heads': {
        name: '0003_three',
        text: asSecond('0003_three', '0001_first'),
        around: { ...first, '0002_two': asSecond('0002_two', '0001_first') },
      },
      circle: { name: '0002_two', text: asSecond('0002_two', '0002_two'), around: first },
      'a number twice': { name: '0001_other', text: asSecond('0001_other', '0001_first'), around: first },
      gap: { name: '0004_four', text: asSecond('0004_four', '0001_first'), around: first },
    },
    good: {
      'the first': {},
      'the second': { name: '0002_two', text: asSecond('0002_two', '0001_first'), around: first },
      'digits in the words': { name: '0002_v2_totp', text: asSecond('0002_v2_totp', '0001_first'), around: first },
    },
  },
  'V-down': {
    bad: {
      'no down': { text: good.replace('async function down', 'async function other') },
      'an empty one': { down: '' },
      'one that only throws': { down: "throw new Error('no');" },
      'a reason of a few letters': {
        text: good.replace('async function down', 'async function other').replace('export const rev', "export const irreversible = 'no';\nexport const rev"),
      },
    },
    good: {
      'a real one': {},
      'a written reason': {
        text: good
          .replace(/export async function down[\s\S]*/, '')
          .replace('export const rev', "export const irreversible = 'the rows were merged';\nexport const rev"),
      },
      'one that calls another function': { down: 'await undo(db);', more: "async function undo(db: MigrationDb): Promise<void> { await dropTable(db, 'x'); }" },
    },
  },
};
