import { join } from 'node:path';
import type { TablePage } from '#shared/database-browse.ts';
import { aboutPage } from '../../agent/databases/browse/browse.ts';
import { sealCursor } from '../../agent/databases/browse/cursor.ts';
import { percentile, type Figure } from './figures.ts';
import { startMariadb } from './mariadb.ts';
import { ask, startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { must, onDisk } from './private-machine.ts';

/*
 * Pages of a large table as the browser asks for them: one after another from both ends, and from places in the middle. A
 * place in the middle is a cursor as the agent seals it, because nobody can ask for one by its number.
 */

const port = 15472;
const client = '/usr/bin/mariadb';
const places = 100;
const steps = 40;
const group = 10_000;

const tables = {
  /** The usual key. */
  item: {
    title: 'one number as its key',
    columns: 'id int primary key, name varchar(60) not null, price decimal(10, 2) not null, changed datetime not null',
    row: `seq, concat('article ', md5(seq)), seq % 9000 / 7, '2020-01-01' + interval seq second`,
    key: ['id'],
    keyOf: (number: number): string[] => [String(number)],
  },
  /** Where a comparison of whole keys finds no index. */
  line: {
    title: 'two columns as its key',
    columns: 'bill int, at int, name varchar(60) not null, primary key (bill, at)',
    row: `seq div ${group}, seq % ${group}, concat('line ', md5(seq))`,
    key: ['bill', 'at'],
    keyOf: (number: number): string[] => [String(Math.floor(number / group)), String(number % group)],
  },
} as const;

/** Of tables with so many rows. Inside the private machine only. */
export async function measureTables(code: Code, folder: string, rows: number): Promise<Figure[]> {
  const giveBack = onDisk(folder, '/var/lib');
  const server = await startMariadb(folder);
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: join(folder, 'tables'), agentSocket: agent.socket });
  try {
    const { id } = await ask<{ id: string }>(panel, 'POST', '/api/v1/databases', { name: 'stock', user: 'stock' });
    const figures: Figure[] = [];
    for (const [name, table] of Object.entries(tables)) {
      for (const statement of [
        `create table ${name} (${table.columns})`,
        `insert into ${name} select ${table.row} from seq_1_to_${rows}`,
      ])
        must(client, ['--no-defaults', `--socket=${server.socket}`, '-e', statement, 'stock']);
      const times = await visitPages(panel, { id, name, table, rows });
      const slowest = percentile(times, 1);
      figures.push({
        what: `any page of a table of ${rows.toLocaleString('en')} rows, ${table.title}`,
        unit: 'ms',
        value: slowest,
        limit: { atMost: 200 },
        note: `the slowest of ${times.length} pages, p50 ${percentile(times, 0.5).toFixed(0)} ms, both ways`,
      });
    }
    return figures;
  } finally {
    await panel.stop();
    await agent.stop();
    await server.stop();
    giveBack();
  }
}

type Visited = {
  readonly id: string;
  readonly name: string;
  readonly table: (typeof tables)[keyof typeof tables];
  readonly rows: number;
};

/** How long each page took; throws when one is not what the table has there. */
async function visitPages(panel: Panel, { id, name, table, rows }: Visited): Promise<number[]> {
  const times: number[] = [];
  const page = async (order: string, after: string | null): Promise<TablePage> => {
    const from = after === null ? '' : `&after=${encodeURIComponent(after)}`;
    const path = `/api/v1/databases/${id}/rows?table=${name}&order=${order}${from}`;
    const { status, body, ms } = await panel.call('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body).slice(0, 500)}`);
    times.push(ms);
    return body as TablePage;
  };
  const keyIn = ({ rows: found }: TablePage): string[] =>
    (found[0] ?? []).slice(0, table.key.length).map((cell) => (typeof cell === 'string' ? cell : ''));
  for (const order of ['up', 'down'] as const) {
    let after: string | null = null;
    let key: { readonly name: string; readonly type: string }[] = [];
    for (let step = 0; step < steps; step++) {
      const found: TablePage = await page(order, after);
      key = table.key.flatMap((wanted) =>
        found.columns.filter(({ name: each }) => each === wanted).map(({ name: each, type }) => ({ name: each, type })),
      );
      if (found.rows.length !== 50 || found.next === null) throw new Error(`${name} ends at page ${step}`);
      after = found.next;
    }
    const about = aboutPage({ databaseId: id, table: name, order, filters: [] }, key);
    for (let place = 1; place < places; place++) {
      const number = Math.floor((rows * place) / places);
      const cursor = await sealCursor({ stateFolder: '/var/lib/aapanel-agent' }, about, table.keyOf(number));
      const first = keyIn(await page(order, cursor)).join();
      const wanted = table.keyOf(order === 'up' ? number + 1 : number - 1).join();
      if (first !== wanted) throw new Error(`the page after ${number} begins with ${first}, not with ${wanted}`);
    }
  }
  return times;
}
