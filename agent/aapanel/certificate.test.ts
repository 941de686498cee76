import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { aapanelReport } from '#shared/aapanel.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { makeOldServer } from '../testing/aapanel.ts';
import { call, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { aapanelHandlers } from './aapanel.actions.ts';
import { readAapanel } from './report.ts';

const { pair, other } = withCertificates((make) => ({
  pair: make.selfSigned('DNS:blog.example.com,DNS:spa.example.com'),
  other: make.selfSigned('DNS:other.example.com'),
}));
let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld({ nginx: 'missing' });
  machine = await openMachine(world.settings);
});
afterAll(() => {
  machine.close();
  world.destroy();
});

it('T-3 PATH-1 a certificate comes only from the folders of the old panel, through no link, and only when it can be used', async () => {
  const base = '/srv/certificates';
  const old = makeOldServer(world.prefix + base, 'single');
  const folder = '/www/server/panel/vhost/cert';
  const make = (name: string, chain: string, key: string, names = name): void => {
    old.site({ name, domains: [names] });
    mkdirSync(`${old.root}/www/wwwroot/${name}`);
    old.vhost(name, 'wordpress.conf', (text) =>
      text
        .replaceAll('blog.example.com', name)
        .replace(/ssl_certificate .*/, `ssl_certificate ${chain};`)
        .replace(/ssl_certificate_key .*/, `ssl_certificate_key ${key};`),
    );
  };
  old.file(`${folder}/good/fullchain.pem`, pair.certificate);
  old.file(`${folder}/good/privkey.pem`, pair.key);
  old.file(`${folder}/other/privkey.pem`, other.key);
  old.file(`${folder}/long/fullchain.pem`, pair.certificate + '\n'.repeat(70_000));
  writeFileSync(`${world.folder}/key-outside`, pair.key);
  symlinkSync(`${world.folder}/key-outside`, `${old.root}${folder}/other/linked.pem`);
  const [chain, key] = [`${folder}/good/fullchain.pem`, `${folder}/good/privkey.pem`];
  make('outside.test', chain, '/etc/ssl/private/key.pem', 'blog.example.com');
  make('above.test', chain, `${folder}/good/../../../../../../../etc/shadow.pem`, 'blog.example.com');
  make('linked.test', chain, `${folder}/other/linked.pem`, 'blog.example.com');
  make('long.test', `${folder}/long/fullchain.pem`, key, 'blog.example.com');
  make('names.test', chain, key);
  make('mixed.test', chain, `${folder}/other/privkey.pem`, 'blog.example.com');
  old.close();
  const report = aapanelReport.parse(await readAapanel(machine, base));
  const told = report.sites.map(({ name, certificate, notes }) => [
    name,
    certificate,
    notes.flatMap(({ code, params }) => (code.startsWith('certificate') ? [[code, params['why']]] : [])),
  ]);
  expect(told).toEqual([
    ...['outside', 'above', 'linked', 'long', 'names'].map((name) => [
      `${name}.test`,
      null,
      [['certificate', undefined]],
    ]),
    ['mixed.test', null, [['certificate_unusable', 'key_of_another_certificate']]],
  ]);
  expect(JSON.stringify(report)).not.toContain('PRIVATE');
  const take = (name: string) =>
    aapanelHandlers['aapanel.take_certificate'](
      machine,
      { base, name, certificateId: newChangeId(), changeId: newChangeId() },
      call(),
    );
  for (const name of ['outside.test', 'above.test', 'linked.test', 'long.test'])
    await expect(take(name)).rejects.toMatchObject({ reason: 'certificate_unknown' });
  await expect(take('mixed.test')).rejects.toMatchObject({ reason: 'site_certificate_invalid' });
  expect(
    existsSync(`${machine.stateFolder}/certificates`) ? readdirSync(`${machine.stateFolder}/certificates`) : [],
  ).toEqual([]);
});
