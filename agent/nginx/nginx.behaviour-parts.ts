import { BlockList, isIPv4 } from 'node:net';
import { escapePattern } from '#shared/behaviour/patterns.ts';
import type { SiteKind } from '#shared/sites.ts';

/*
 * What the texts of several kinds of rules are made of.
 */

/** The module that brings answers of a program behind nginx; undefined: there is none. */
export function behindOf(kind: SiteKind): 'proxy' | 'fastcgi' | undefined {
  if (kind === 'proxy') return 'proxy';
  return kind === 'php' ? 'fastcgi' : undefined;
}

/** nginx takes no word longer than 4096 bytes. */
const maxAlternatives = 1_800;

/** Alternatives of a pattern, `a|b|c`, in as many pieces as one word of nginx can hold. */
export function alternatives(patterns: readonly string[]): string[] {
  const pieces: string[] = [];
  for (const each of patterns) {
    const last = pieces.at(-1);
    if (last !== undefined && Buffer.byteLength(last) + Buffer.byteLength(each) < maxAlternatives)
      pieces[pieces.length - 1] = `${last}|${each}`;
    else pieces.push(each);
  }
  return pieces;
}

/** Matches the names, `*.` at their beginning included. */
export function hostAlternatives(hosts: readonly string[]): string[] {
  return alternatives(
    hosts.map((host) => (host.startsWith('*.') ? `[^/]+${escapePattern(host.slice(1))}` : escapePattern(host))),
  );
}

/** Matches the path itself and all below it. */
export function belowPattern(path: string): string {
  return path.endsWith('/') ? escapePattern(path) : `${escapePattern(path)}(?:/|$)`;
}

export function suffixPattern(suffixes: readonly string[]): string {
  return `\\.(?:${suffixes.map(escapePattern).join('|')})`;
}

type Range = { readonly range: string; readonly value: string };

/**
 * A variable of the http block by the visitor's address. nginx takes the narrowest network; people read from the top.
 * Networks hold each other or have nothing in common, so both are the same once what an earlier one covers is left out.
 */
export function addressVariable(name: string, ranges: readonly Range[], fallback: string): string[] {
  const kept: string[] = [];
  const lists: { readonly bits: number; readonly isV4: boolean; readonly list: BlockList }[] = [];
  for (const { range, value } of ranges) {
    const [address = '', given] = range.split('/');
    const isV4 = isIPv4(address);
    const family = isV4 ? 'ipv4' : 'ipv6';
    const bits = given === undefined ? (isV4 ? 32 : 128) : Number(given);
    const isCovered = lists.some(
      (earlier) => earlier.isV4 === isV4 && earlier.bits <= bits && earlier.list.check(address, family),
    );
    if (isCovered) continue;
    const list = new BlockList();
    list.addSubnet(address, bits, family);
    lists.push({ bits, isV4, list });
    kept.push(`    ${address.toLowerCase()}/${bits} ${value};`);
  }
  return [`geo $${name} {`, `    default ${fallback};`, ...kept, '}'];
}
