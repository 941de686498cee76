import { literal, normalised, rejected, streamCase, tarCase, type HostileCase } from './hostile.ts';
import { base256, gnuMagic, listOf, paxPart, tar, tarEnd, tarHeader, type TarPart } from './make-tar.ts';

/** Classes about links, types, modes, owners, attributes and sizes. `canary`: a file outside that must stay as it is. */
export function entryCases(canary: string): HostileCase[] {
  return [...symlinks(canary), ...hardLinks(canary), ...types(), ...modes(), ...attributes(), ...sizes()];
}

const file = (name: string, content = 'x'): TarPart => ({ name, content });
const link = (name: string, target: string): TarPart => ({ name, type: '2', link: target });
const folder = (name: string): TarPart => ({ name, type: '5' });

function symlinks(canary: string): HostileCase[] {
  const refused = rejected('symlink-traversal');
  const out = [
    canary,
    '/',
    '/etc',
    '..',
    '../',
    '../x',
    '../../x',
    'a/../../x',
    './../x',
    'a/b/../../../x',
    '//x',
    'a/./../../x',
  ];
  return [
    ...out.map((target) => tarCase('symlink-traversal', `link to ${target}`, [link('l', target)], refused)),
    ...out.map((target) =>
      tarCase('symlink-traversal', `file through ${target}`, [link('l', target), file('l/x')], refused),
    ),
    tarCase(
      'symlink-traversal',
      'deep link that goes up too far',
      [folder('a/'), folder('a/b/'), link('a/b/l', '../../../x')],
      refused,
    ),
    tarCase('symlink-traversal', 'file through a link inside', [folder('a/'), link('l', 'a'), file('l/x')], refused),
    tarCase('symlink-traversal', 'folder through a link', [folder('a/'), link('l', 'a'), folder('l/x/')], refused),
    tarCase('symlink-traversal', 'link through a link', [folder('a/'), link('l', 'a'), link('l/m', 'b')], refused),
    tarCase(
      'symlink-traversal',
      'hard link through a link',
      [folder('a/'), file('f'), link('l', 'a'), { name: 'l/h', type: '1', link: 'f' }],
      refused,
    ),
    tarCase(
      'symlink-traversal',
      'link up through a link',
      [folder('a/'), folder('a/b/'), folder('a/b/c/'), link('a/b/c/up', '../..'), link('l', 'a/b/c/up/../..')],
      refused,
    ),
    tarCase(
      'symlink-traversal',
      'link up through a later link',
      [folder('a/'), link('l', 'a/up/..'), link('a/up', '.')],
      refused,
    ),
    tarCase('symlink-traversal', 'link up from what is missing', [link('l', 'missing/../x')], refused),
    tarCase('symlink-traversal', 'link up from a file', [file('f'), link('l', 'f/../x')], refused),
    tarCase('symlink-traversal', 'no target', [link('l', '')], refused),
    tarCase(
      'symlink-traversal',
      'link, then a folder of its name with a slash',
      [link('l', canary), folder('l/')],
      refused,
    ),
    tarCase(
      'symlink-traversal',
      'links inside',
      [
        folder('a/'),
        folder('a/b/'),
        file('a/f'),
        link('a/b/l', '../f'),
        link('l', 'a/b/l'),
        link('m', './a/../a/f'),
        link('none', 'missing'),
        link('self', 'self'),
      ],
      literal({
        a: '/',
        'a/b': '/',
        'a/f': 'x',
        'a/b/l': '-> ../f',
        l: '-> a/b/l',
        m: '-> ./a/../a/f',
        none: '-> missing',
        self: '-> self',
      }),
    ),
    tarCase(
      'symlink-traversal',
      'link before its folder',
      [link('l', 'a/../b'), file('a/x')],
      literal({ a: '/', 'a/x': 'x', l: '-> a/../b' }),
    ),
  ];
}

function hardLinks(canary: string): HostileCase[] {
  const refused = rejected('hardlink-escape');
  const hard = (name: string, target: string): TarPart => ({ name, type: '1', link: target });
  return [
    ...[canary, '/etc/passwd', '../x', 'a/../../x', '..', '', '.', './', 'missing', 'a//f', 'folder'].map((target) =>
      tarCase('hardlink-escape', `to ${target}`, [folder('folder/'), file('a/f'), hard('h', target)], refused),
    ),
    tarCase('hardlink-escape', 'to a symbolic link', [file('f'), link('l', 'f'), hard('h', 'l')], refused),
    tarCase('hardlink-escape', 'through a symbolic link', [file('a/f'), link('l', 'a'), hard('h', 'l/f')], refused),
    tarCase('hardlink-escape', 'to a later file', [hard('h', 'f'), file('f')], refused),
    tarCase('hardlink-escape', 'to itself', [hard('h', 'h')], rejected('hardlink-escape', 'name-collision')),
    tarCase('hardlink-escape', 'to a name in other case', [file('f'), hard('h', 'F')], refused),
    tarCase(
      'hardlink-escape',
      'with content',
      [file('f'), { ...hard('h', 'f'), content: 'evil' }],
      rejected('size-lie'),
    ),
    tarCase(
      'hardlink-escape',
      'to earlier files',
      [file('a/f', 'one'), hard('h', 'a/f'), hard('b/g', './h')],
      literal({ a: '/', 'a/f': 'one', h: 'one', b: '/', 'b/g': 'one' }),
    ),
  ];
}

function types(): HostileCase[] {
  const refused = rejected('entry-type');
  const flags = [
    '3',
    '4',
    '6',
    '7',
    '8',
    '9',
    'A',
    'D',
    'E',
    'I',
    'M',
    'N',
    'S',
    'V',
    'X',
    'Z',
    'a',
    'z',
    ' ',
    '\x01',
    '\xff',
  ];
  return [
    ...flags.map((type) =>
      tarCase(
        'entry-type',
        `flag ${JSON.stringify(type)}`,
        [file('good'), { name: 'd', type: '0', change: (header) => void header.write(type, 156, 'latin1') }],
        refused,
      ),
    ),
    tarCase('entry-type', 'a device with a pax name', [{ name: 'd', type: '3', pax: [['path', 'dev/null']] }], refused),
    tarCase(
      'entry-type',
      'NUL as flag is a file',
      [{ ...file('a'), change: (header) => void header.fill(0, 156, 157) }],
      literal({ a: 'x' }),
    ),
  ];
}

function modes(): HostileCase[] {
  const bits = (mode: number): HostileCase =>
    tarCase(
      'permission-bits',
      `file ${mode.toString(8)}`,
      [{ ...file('f'), mode }],
      normalised(['special-bits'], { f: 'x' }),
    );
  const folderMode = (mode: number): HostileCase =>
    tarCase(
      'permission-bits',
      `folder ${mode.toString(8)} after its files`,
      [file('d/f'), { ...folder('d/'), mode }],
      normalised(['folder-mode'], { d: '/', 'd/f': 'x' }),
    );
  return [
    ...[0o4755, 0o2755, 0o6777, 0o1644, 0o7777, 0o4000].map(bits),
    ...[0, 0o555, 0o700, 0o777, 0o1777, 0o2755, 0o4755, 0o7777].map(folderMode),
    tarCase(
      'permission-bits',
      'folder 000 before its files',
      [{ ...folder('d/'), mode: 0 }, file('d/f')],
      normalised(['folder-mode'], { d: '/', 'd/f': 'x' }),
    ),
    tarCase(
      'permission-bits',
      'modes above twelve bits',
      [{ ...file('f'), mode: 0o104755 }],
      normalised(['special-bits'], { f: 'x' }),
    ),
    tarCase(
      'permission-bits',
      'plain modes',
      [
        { ...file('a'), mode: 0o600 },
        { ...file('b'), mode: 0 },
        { ...file('c'), mode: 0o755 },
      ],
      literal({ a: 'x', b: 'x', c: 'x' }),
    ),
  ];
}

function attributes(): HostileCase[] {
  const keys = [
    'SCHILY.xattr.security.capability',
    'SCHILY.xattr.user.x',
    'LIBARCHIVE.xattr.security.selinux',
    'SCHILY.acl.access',
    'SCHILY.acl.default',
    'RHT.security.selinux',
    'SCHILY.fflags',
    'SCHILY.dev',
    'LIBARCHIVE.creationtime',
    'MSWINDOWS.rawsd',
    'SUN.devmajor',
  ];
  const owners: Partial<TarPart>[] = [
    { uid: 0, gid: 0, owner: 'root' },
    { uid: 0o7777777, gid: 0o7777777 },
    { uid: 33, gid: 33, owner: 'www-data' },
    { owner: '../../etc' },
    {
      pax: [
        ['uid', '99999999999999999999'],
        ['gid', '-1'],
        ['uname', 'root'],
        ['gname', 'shadow'],
      ],
    },
    { change: (header) => void Buffer.from('8000000100000000', 'hex').copy(header, 108) },
    { change: (header) => void Buffer.from('ffffffffffffffff', 'hex').copy(header, 116) },
  ];
  return [
    ...keys.map((key) =>
      tarCase(
        'extended-attributes',
        key,
        [{ ...file('f'), pax: [[key, Buffer.from([1, 0, 0, 2, 0xff, 10, 0])]] }],
        normalised(['extras-dropped'], { f: 'x' }),
      ),
    ),
    streamCase(
      'extended-attributes',
      'an attribute for all entries',
      Buffer.concat([paxPart([['SCHILY.xattr.user.x', 'secret']], 'g'), tar([file('f')])]),
      normalised(['extras-dropped'], { f: 'x' }),
      listOf([file('f')]),
    ),
    ...owners.map((owner, index) =>
      tarCase(
        'ownership',
        `owner ${index + 1}`,
        [
          { ...file('f'), ...owner },
          { ...folder('d/'), ...owner },
        ],
        normalised(['owner-ignored'], { f: 'x', d: '/' }),
      ),
    ),
  ];
}

function sizes(): HostileCase[] {
  const refused = rejected('size-lie');
  const claims = (name: string, size: number | string, content = 'x'): HostileCase =>
    tarCase('size-lie', name, [{ name: 'f', content, size }], rejected('size-lie', 'damaged', 'resources'));
  return [
    claims('base 256 of 2^62', base256(2n ** 62n)),
    claims('base 256 of 2^53', base256(2n ** 53n)),
    claims('base 256 of 2^40', base256(2n ** 40n)),
    claims('base 256, negative', Buffer.from(`ff${'ff'.repeat(11)}`, 'hex').toString('latin1')),
    claims('base 256 with all bits', Buffer.from(`80${'ff'.repeat(11)}`, 'hex').toString('latin1')),
    claims('all eleven digits', '77777777777\0'),
    claims('no digits', 'zzzzzzzzzzz\0'),
    claims('a sign', '-0000000001\0'),
    claims('hexadecimal', '0x000000001\0'),
    claims('more than there is', 5_000),
    claims('nothing, with content behind', 0, 'y'.repeat(600)),
    tarCase('size-lie', 'pax size above the header', [{ ...file('f'), pax: [['size', '1024']] }], refused),
    tarCase('size-lie', 'pax size below the header', [{ ...file('f', 'xyz'), pax: [['size', '1']] }], refused),
    ...['-1', '1e3', '0x10', '', ' 1', '99999999999999999999', '18446744073709551617', '1.5', '+1'].map((size) =>
      tarCase('size-lie', `pax size "${size}"`, [{ ...file('f'), pax: [['size', size]] }], refused),
    ),
    tarCase('size-lie', 'a folder with a size', [{ ...folder('d/'), size: 512, content: 'x' }], refused),
    tarCase('size-lie', 'a link with a size', [{ ...link('l', 'a'), size: 1, content: 'x' }], refused),
    tarCase(
      'size-lie',
      'a sparse file',
      [{ name: 's', type: 'S', magic: gnuMagic, content: 'x' }],
      rejected('entry-type'),
    ),
    tarCase(
      'size-lie',
      'a sparse map beyond the real size',
      [
        {
          name: 's',
          content: '1\n0\n99999999\nx',
          pax: [
            ['GNU.sparse.major', '1'],
            ['GNU.sparse.minor', '0'],
            ['GNU.sparse.realsize', '10'],
          ],
        },
      ],
      rejected('header-override'),
    ),
    streamCase(
      'size-lie',
      'a long name of a gigabyte',
      Buffer.concat([tarHeader({ name: '././@LongLink', type: 'L', magic: gnuMagic, size: 2 ** 30 }, 0), tarEnd]),
      rejected('resources', 'damaged'),
    ),
    streamCase(
      'size-lie',
      'an extended header of a gigabyte',
      Buffer.concat([tarHeader({ name: 'pax', type: 'x', size: 2 ** 30 }, 0), tarEnd]),
      rejected('resources', 'damaged'),
    ),
    tarCase(
      'size-lie',
      'base 256 that is true',
      [
        { name: 'f', content: 'xyz', size: base256(3n) },
        { ...file('g'), pax: [['size', '1']] },
      ],
      literal({ f: 'xyz', g: 'x' }),
    ),
  ];
}
