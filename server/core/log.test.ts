import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { censor, createLog, logOptions, redactedNames } from './log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aapanel-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function lines(level: string, write: (log: pino.Logger) => void): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void found.push(JSON.parse(line) as Record<string, unknown>) };
  write(pino(logOptions(level), stream));
  return found;
}

describe('what never reaches a log', () => {
  it.each(redactedNames)('a field named like %s is replaced at every depth', (name) => {
    const hidden = 'hunter2';
    const fields = { [name]: hidden, nested: { list: [{ [`user_${name.toUpperCase()}`]: { inner: hidden } }] } };
    const [line] = lines('info', (log) => log.info(fields, 'a sentence'));
    expect(JSON.stringify(line)).not.toContain(hidden);
    expect(line?.[name]).toBe(censor);
  });
  it('headers, passwords in URLs and tokens in links are replaced wherever they stand', () => {
    const written = lines('info', (log) => {
      log.info({ req: { id: '1', method: 'GET', url: '/a?token=hunter2&x=1', ip: '::1' } }, 'request');
      log.info({ headers: { cookie: 'a=hunter2', 'x-api-key': 'hunter2' } });
      log.info('connecting to postgresql://user:hunter2@db/panel');
      log.info({ text: 'open http://h/first-run#token=hunter2' });
      const cause = new Error('mysql://root:hunter2@h/db refused');
      log.error({ err: new Error('no database', { cause }) }, 'failed');
      log.error(new Error('redis://:hunter2@h'));
    });
    expect(written.length).toBe(6);
    expect(JSON.stringify(written)).not.toContain('hunter2');
    expect(written[0]).toMatchObject({ req: { url: `/a?token=${censor}&x=1` } });
    expect(written[4]).toMatchObject({ err: { message: 'no database', cause: { type: 'Error' } } });
  });
  it('other fields stay as they are', () => {
    const [line] = lines('info', (log) => log.info({ siteId: 'abc', sizes: [1, 2], at: null }, 'site created'));
    expect(line).toMatchObject({ level: 'INFO', msg: 'site created', siteId: 'abc', sizes: [1, 2], at: null });
  });
  it('a line break in a value cannot start a line of its own', () => {
    let raw = '';
    pino(logOptions('info'), { write: (line: string) => (raw += line) }).info({ name: 'a\n{"level":"ERROR"}' });
    expect(raw.trimEnd().split('\n').length).toBe(1);
  });
});

describe('levels', () => {
  it('P1.2-5 at WARNING no INFO line is written', () => {
    const path = join(folder, 'a.log');
    const log = createLog({ logLevel: 'WARNING', logFilePath: path, dataDir: folder });
    log.info('quiet');
    log.warn('loud');
    const written = readFileSync(path, 'utf8');
    expect(written).toContain('"level":"WARNING"');
    expect(written).not.toContain('quiet');
  });
});

describe('the log file', () => {
  it('P1.4-4 a place that is not writable is replaced by the data folder, and the log says so', () => {
    writeFileSync(join(folder, 'logs-is-a-file'), '');
    const wanted = join(folder, 'logs-is-a-file', 'app.log');
    const dataDir = join(folder, 'data');
    createLog({ logLevel: 'INFO', logFilePath: wanted, dataDir }).info('hello');
    const written = readFileSync(join(dataDir, 'logs', 'app.log'), 'utf8');
    expect(written).toContain('hello');
    expect(written).toContain('"used":');
  });
  it('P1.4-4 without any writable place the panel logs to standard output and goes on', () => {
    writeFileSync(join(folder, 'file'), '');
    const nowhere = join(folder, 'file');
    const log = createLog({ logLevel: 'ERROR', logFilePath: join(nowhere, 'a.log'), dataDir: nowhere });
    expect(() => log.info('hello')).not.toThrow();
  });
  it('is renamed at 10 MiB, and five old ones are kept', () => {
    const path = join(folder, 'big.log');
    for (let index = 1; index <= 5; index += 1) writeFileSync(`${path}.${index}`, `old ${index}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, 'x'.repeat(10 * 1024 * 1024 - 10));
    const log = createLog({ logLevel: 'ERROR', logFilePath: path, dataDir: folder });
    log.error('the last line of the full file');
    log.error('the first line of the new file');
    expect(readFileSync(`${path}.1`, 'utf8')).toContain('the last line of the full file');
    expect(readFileSync(`${path}.5`, 'utf8')).toBe('old 4');
    expect(existsSync(`${path}.6`)).toBe(false);
    expect(readFileSync(path, 'utf8')).toContain('the first line of the new file');
    chmodSync(path, 0o600);
  });
});
