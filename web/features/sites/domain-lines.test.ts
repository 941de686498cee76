import { describe, expect, it } from 'vitest';
import { domainsOf, maxDomains, readDomainLines, textOfDomains } from './domain-lines.ts';

const codesOf = (text: string): (string | undefined)[] => readDomainLines(text).map(({ problem }) => problem?.code);

describe('the domains of a form', () => {
  it('are one per line, or parted by commas and spaces', () => {
    const lines = readDomainLines('Example.com\n\n www.example.com:8080,*.example.com، مثال.com ');
    expect(domainsOf(lines)).toEqual(['example.com', 'www.example.com:8080', '*.example.com', 'xn--mgbh0fb.com']);
  });

  it('are taken out of an address pasted from a browser, but not out of a path', () => {
    expect(domainsOf(readDomainLines('https://Example.com/'))).toEqual(['example.com']);
    expect(codesOf('https://example.com/shop')).toEqual(['domain_invalid']);
  });

  it('say which of them is wrong, and are not sent then', () => {
    const text = 'ok.com -a.com test..com a.com; *.*.com 10.0.0.1 a.com:0';
    expect(codesOf(text)).toEqual([
      undefined,
      'domain_invalid',
      'domain_invalid',
      'domain_invalid',
      'domain_invalid',
      'domain_invalid',
      'port_invalid',
    ]);
    expect(domainsOf(readDomainLines(text))).toBeUndefined();
    expect(domainsOf(readDomainLines(' \n'))).toBeUndefined();
  });

  it('are refused twice, also when the site has the name already or the scripts differ', () => {
    expect(codesOf('a.com A.com:80 a.com:81')).toEqual([undefined, 'domain_repeated', undefined]);
    expect(codesOf('مثال.com xn--mgbh0fb.com')).toEqual([undefined, 'domain_repeated']);
    expect(readDomainLines('a.com', [{ host: 'a.com', port: 80 }])[0]?.problem?.code).toBe('domain_repeated');
  });

  it('of a site are saved as a text that the field reads again', () => {
    const domains = readDomainLines('مثال.com *.example.com example.com:8080').flatMap(({ domain }) => domain ?? []);
    expect(textOfDomains(domains)).toBe('xn--mgbh0fb.com\n*.example.com\nexample.com:8080\n');
    expect(readDomainLines(textOfDomains(domains)).map(({ domain }) => domain)).toEqual(domains);
  });

  it('are at most a hundred with those that are there', () => {
    const text = Array.from({ length: maxDomains }, (_, index) => `d${index}.com`).join('\n');
    expect(domainsOf(readDomainLines(text))).toHaveLength(maxDomains);
    expect(readDomainLines(text, [{ host: 'a.com', port: 80 }]).at(-1)?.problem?.code).toBe('too_many');
  });
});
