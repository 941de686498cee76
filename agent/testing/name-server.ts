import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { end, run, untilListening } from './authority.ts';
import { freePort } from './world.ts';

/** For tests: a real BIND that serves one zone, which a key may change. */
export type NameServer = {
  readonly port: number;
  readonly keyName: string;
  readonly secret: string;
  /** Texts under a name now. */
  texts(name: string): Promise<string[]>;
  /** As somebody else with the key: `update add NAME 60 IN TXT "value"`. */
  update(line: string): Promise<void>;
  stop(): Promise<void>;
};

export const hasNameServer = ['/usr/sbin/named', '/usr/bin/nsupdate', '/usr/bin/dig'].every(existsSync);
const ask = promisify(execFile);

export async function startNameServer(zone: string): Promise<NameServer> {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-names-'));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, 'zones'));
  const port = await freePort();
  const [keyName, secret] = ['panel', Buffer.from('thirty-two bytes of a test key..').toString('base64')];
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const soa = `@ IN SOA ns.${zone}. root.${zone}. 1 60 60 60 60`;
  file(
    'zones/zone',
    `$TTL 60\n${soa}\n@ IN NS ns.${zone}.\nns IN A 127.0.0.1\ndenied IN CAA 0 issue "other.example"\n`,
  );
  const key = file('key', `key "${keyName}" { algorithm hmac-sha256; secret "${secret}"; };\n`);
  const configuration = file(
    'named.conf',
    `include "${key}";\noptions { directory "${folder}/zones"; pid-file none; session-keyfile none; ` +
      `listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; };\n` +
      `controls { };\nzone "${zone}" { type primary; file "zone"; update-policy { grant ${keyName} name _acme-challenge.${zone}. TXT; }; };\n`,
  );
  const named = run('/usr/sbin/named', ['-g', '-c', configuration]);
  await untilListening(port);
  return {
    port,
    keyName,
    secret,
    async texts(name) {
      const { stdout } = await ask('dig', ['+short', '@127.0.0.1', '-p', String(port), name, 'TXT']);
      return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.replaceAll('"', '')]));
    },
    async update(line) {
      const commands = file('commands', `server 127.0.0.1 ${port}\n${line}\nsend\n`);
      await ask('nsupdate', ['-k', key, commands]);
    },
    async stop() {
      await end(named);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
