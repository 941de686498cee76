import type { SiteSpec } from '#shared/agent/sites.ts';
import { escapePattern } from '#shared/behaviour/patterns.ts';

/*
 * What the texts of several kinds of rules are made of.
 */

/** The modules that bring answers of programs behind nginx. */
export function modulesBehind({ kind, behaviour }: SiteSpec): readonly ('proxy' | 'fastcgi')[] {
  return [
    ...(kind === 'proxy' || kind === 'app' || behaviour.proxies.length > 0 ? (['proxy'] as const) : []),
    ...(kind === 'php' ? (['fastcgi'] as const) : []),
  ];
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
  const kept: (Network & { readonly value: string })[] = [];
  for (const { range, value } of ranges) {
    const network = readNetwork(range);
    // `default` is the network of all addresses for nginx: said in two halves it is not there twice.
    for (const part of network.bits === 0 ? halvesOf(network.size) : [network])
      if (!kept.some((earlier) => holds(earlier, part))) kept.push({ ...part, value });
  }
  return [
    `geo $${name} {`,
    `    default ${fallback};`,
    ...kept.map(({ text, bits, value }) => `    ${text}/${bits} ${value};`),
    '}',
  ];
}

type Network = { readonly text: string; readonly bits: number; readonly size: 32 | 128; readonly base: bigint };

function holds(one: Network, other: Network): boolean {
  if (one.size !== other.size || one.bits > other.bits) return false;
  const shift = BigInt(one.size - one.bits);
  return one.base >> shift === other.base >> shift;
}

/** The network without the bits of a single address in it. The range has passed the form of the contract. */
function readNetwork(range: string): Network {
  const [address = '', given] = range.split('/');
  const size = address.includes(':') ? 128 : 32;
  const bits = given === undefined ? size : Number(given);
  const shift = BigInt(size - bits);
  const base = (numberOf(groupsOf(address, size), size) >> shift) << shift;
  const width = size === 32 ? 8n : 16n;
  const groups = Array.from({ length: size === 32 ? 4 : 8 }, (_, at) => {
    const group = (base >> (BigInt(size) - width * BigInt(at + 1))) & ((1n << width) - 1n);
    return group.toString(size === 32 ? 10 : 16);
  });
  return { text: groups.join(size === 32 ? '.' : ':'), bits, size, base };
}

function halvesOf(size: 32 | 128): Network[] {
  return (size === 32 ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1']).map(readNetwork);
}

function groupsOf(address: string, size: 32 | 128): bigint[] {
  if (size === 32) return address.split('.').map(BigInt);
  const [head = '', tail] = address.split('::');
  const read = (half: string): bigint[] => (half === '' ? [] : half.split(':').map((group) => BigInt(`0x${group}`)));
  const last = tail === undefined ? [] : read(tail);
  const first = read(head);
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0n), ...last];
}

function numberOf(groups: readonly bigint[], size: 32 | 128): bigint {
  return groups.reduce((sum, group) => (sum << (size === 32 ? 8n : 16n)) | group, 0n);
}
