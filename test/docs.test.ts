import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '#shared/errors.ts';
import { root } from './architecture/sources.ts';

const listed = await readdir(join(root, 'docs'), { recursive: true });
const paths = [
  'README.md',
  'README.ar.md',
  'CONTRIBUTING.md',
  ...listed.filter((name) => name.endsWith('.md')).map((name) => join('docs', name)),
].sort();
const pages = new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));

async function read(path: string): Promise<string> {
  return await readFile(join(root, path), 'utf8');
}

const blocks = (text: string): string[] => [...text.matchAll(/^```\w*\n[\s\S]*?^```$/gm)].map(([block]) => block);
const withoutBlocks = (text: string): string => text.replaceAll(/^```\w*\n[\s\S]*?^```$/gm, '');
const headings = (text: string): string[] => [...withoutBlocks(text).matchAll(/^#+/gm)].map(([level]) => level);
const tableRows = (text: string): number => [...text.matchAll(/^\|/gm)].length;
/** Screenshots are made by the browser tests on a machine with Chromium. */
const isImage = (target: string): boolean => target.endsWith('.png');

/** The one page whose Arabic file has an Arabic name. */
const arabicName = (name: string): string => (name === 'status.md' ? 'الحالة.md' : name);

function brokenLinks(path: string, text: string): string[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target) && !isImage(target))
    .filter((target) => !existsSync(join(root, dirname(path), target)));
}

describe('the documentation', () => {
  it.each(paths)('P7.1-2 every link of %s leads to a file of the tree', (path) => {
    expect(brokenLinks(path, pages.get(path) ?? '')).toEqual([]);
  });

  it('P7.1-4 every guide exists in both languages with the same headings, tables and code blocks', () => {
    const names = (language: string): string[] =>
      paths
        .filter((path) => path.startsWith(join('docs', language)))
        .map((path) => relative(join('docs', language), path));
    expect(names('ar')).toEqual(names('en').map(arabicName).sort());
    for (const name of names('en')) {
      const en = pages.get(join('docs', 'en', name)) ?? '';
      const ar = pages.get(join('docs', 'ar', arabicName(name))) ?? '';
      expect(headings(ar), name).toEqual(headings(en));
      expect(blocks(ar), name).toEqual(blocks(en));
      expect(tableRows(ar), name).toBe(tableRows(en));
    }
    expect(blocks(pages.get('README.ar.md') ?? '')).toEqual(blocks(pages.get('README.md') ?? ''));
    expect(headings(pages.get('README.ar.md') ?? '')).toEqual(headings(pages.get('README.md') ?? ''));
  });

  it('P7.1-3 no page advises an unsafe fix', () => {
    const unsafe =
      /chmod (-R )?777|chmod -R 755|setenforce 0|ufw disable|systemctl stop (ufw|firewalld|nftables)|curl[^\n|]*\| *(sudo )?(ba)?sh|--no-verify|drop table/i;
    for (const [path, text] of pages) expect(unsafe.exec(text)?.[0], path).toBeUndefined();
  });

  it('P0-10 has a threat model and a licence', async () => {
    expect(headings(pages.get(join('docs', 'threat-model.md')) ?? '').length).toBeGreaterThan(4);
    expect(await read('LICENSE')).toContain('Apache License');
  });

  it('documents every error code with its status in both languages', () => {
    for (const language of ['ar', 'en']) {
      const text = pages.get(join('docs', language, 'errors.md')) ?? '';
      const rows = Object.fromEntries(
        [...text.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, code, status]) => [code, Number(status)]),
      );
      expect(rows).toEqual(errorCodes);
    }
  });

  it('P7.1-2 names only variables, commands, scripts and paths of the tree that exist', async () => {
    const environment = pages.get(join('docs', 'en', 'environment.md')) ?? '';
    const usage = await read('cli/texts.ts');
    const wrapper = await read('deploy/aapanel');
    const scripts = (JSON.parse(await read('package.json')) as { scripts: Record<string, string> }).scripts;
    for (const [path, text] of pages) {
      if (/environment\.md|requirements\.md|status\.md|الحالة\.md/.test(path)) continue;
      const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, inner = '']) => inner);
      const lines = [...code, ...blocks(text).flatMap((block) => block.split('\n'))];
      for (const line of lines) {
        const variable = /^([A-Z]+_[A-Z_]*[A-Z])(=|$)/.exec(line)?.[1];
        if (variable !== undefined) expect(environment.includes(`\`${variable}\``), `${path}: ${variable}`).toBe(true);
        const command = /^aapanel ([a-z-]+)/.exec(line)?.[1];
        if (command !== undefined && !wrapper.includes(`${command}`))
          expect(usage, `${path}: ${line}`).toContain(`  ${command}`);
        const script = /^npm run ([\w:]+)/.exec(line)?.[1];
        if (script !== undefined) expect(Object.keys(scripts), path).toContain(script);
        const file = /^(?:bash )?((?:agent|bin|cli|deploy|docs|scripts|server|shared|test|web)\/[\w./-]+)( |$)/.exec(
          line,
        )?.[1];
        if (file !== undefined) expect(existsSync(join(root, file)), `${path}: ${file}`).toBe(true);
      }
    }
  });
});

describe('a planted fault in the documentation is found:', () => {
  it('a dead link', () => {
    expect(brokenLinks('docs/en/planted.md', '[x](missing.md) [y](sites.md#logs) [z](https://example.com)')).toEqual([
      'missing.md',
    ]);
  });
});
