import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFinding } from '#shared/file-search.ts';
import type { Figure } from './figures.ts';
import type { Panel } from './panel-process.ts';

/* Search in what files of a site hold, beside ripgrep that is started by hand in the same folder. */

const fileBytes = 128 * 1024;
const filesInFolder = 200;
const rounds = 12;
const needle = 'NeedleOfTheBench';

/** `place`: the site's folder; `path`: its address in the panel. */
export async function measureSearch(panel: Panel, path: string, place: string, sizeMib: number): Promise<Figure[]> {
  const [what, limit] = [`search in ${sizeMib} MiB of files`, { atMost: 1.3 }];
  if (spawnSync('/usr/bin/rg', ['--version']).status !== 0)
    return [{ what, unit: '× ripgrep', value: null, limit, note: 'ripgrep is not installed' }];
  const folder = join(place, 'hay');
  const wanted = makeHay(folder, sizeMib);
  execFileSync('chown', ['--recursive', '--reference', place, folder]);
  const ours: number[] = [];
  const bare: number[] = [];
  let first = Number.POSITIVE_INFINITY;
  try {
    for (let round = 0; round < rounds; round++) {
      const from = performance.now();
      const args = ['--no-ignore', '--fixed-strings', '--ignore-case', '--line-number', needle, './'];
      const { stdout } = spawnSync('/usr/bin/rg', args, { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
      bare.push(performance.now() - from);
      const lines = stdout.toString().trimEnd().split('\n').length;
      if (lines !== wanted) throw new Error(`ripgrep found ${lines} lines`);
      const asked = await search(panel, `${path}/files/search`);
      if (asked.matches !== wanted) throw new Error(`${asked.matches} lines were found`);
      ours.push(asked.ms);
      first = Math.min(first, asked.firstMs);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const [all, plain] = [Math.min(...ours), Math.min(...bare)];
  return [
    {
      what,
      unit: '× ripgrep',
      value: all / plain,
      limit,
      note: `${all.toFixed(0)} ms against ${plain.toFixed(0)} ms; ${wanted} lines, the first after ${first.toFixed(0)} ms`,
    },
  ];
}

/** Answers how often it holds what is looked for. */
function makeHay(folder: string, sizeMib: number): number {
  const words = 'lorem ipsum dolor sit amet function return const value array string المحتوى نص سطر'.split(' ');
  let seed = 7;
  const next = (most: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return seed % most;
  };
  let text = '';
  while (text.length < 2 * fileBytes) text += `${words[next(words.length)]}${next(12) === 0 ? '\n' : ' '}`;
  const hay = Buffer.from(text);
  const count = Math.floor((sizeMib * 1024 * 1024) / fileBytes);
  let wanted = 0;
  for (let number = 0; number < count; number++) {
    const inFolder = join(folder, String(Math.floor(number / filesInFolder)));
    if (number % filesInFolder === 0) mkdirSync(inFolder, { recursive: true });
    const from = next(hay.length - fileBytes);
    const bytes = Buffer.from(hay.subarray(from, from + fileBytes));
    if (number % 20 === 0) {
      bytes.write(`\n${needle} ${number}\n`, next(fileBytes - 100));
      wanted++;
    }
    writeFileSync(join(inFolder, `${number}.txt`), bytes);
  }
  return wanted;
}

async function search(panel: Panel, path: string): Promise<{ matches: number; ms: number; firstMs: number }> {
  const from = performance.now();
  const response = await fetch(`${panel.origin}${path}`, {
    method: 'POST',
    headers: {
      cookie: panel.cookie,
      origin: panel.origin,
      'sec-fetch-site': 'same-origin',
      'x-aapanel': '1',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ path: 'hay', text: needle, mostMatches: 5_000 }),
  });
  if (!response.ok || response.body === null) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  let firstMs = 0;
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    firstMs ||= performance.now() - from;
    text += piece;
  }
  const ms = performance.now() - from;
  const findings = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as FileFinding);
  const end = findings.at(-1);
  if (end?.kind !== 'end' || end.why !== 'whole') throw new Error(`the search ended with ${JSON.stringify(end)}`);
  return { matches: end.matches, ms, firstMs };
}
