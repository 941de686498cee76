import type { SiteSpec } from '#shared/agent/sites.ts';
import { holds, readNetwork, type Network } from '#shared/behaviour/networks.ts';
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

function halvesOf(size: 32 | 128): Network[] {
  return (size === 32 ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1']).map(readNetwork);
}
