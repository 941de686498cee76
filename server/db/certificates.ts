import { readFileSync } from 'node:fs';

/** The authorities that may have signed the server's certificate: the file's alone, or those of the system. */
export function certificatesOf({ caPath }: { readonly caPath: string | null }): { ca?: string } {
  return caPath === null ? {} : { ca: readFileSync(caPath, 'utf8') };
}
