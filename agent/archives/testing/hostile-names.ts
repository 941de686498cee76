import { byteText } from '../names.ts';
import { literal, normalised, rejected, tarCase, type HostileCase } from './hostile.ts';
import { gnuMagic, listOf, tar, type TarPart } from './make-tar.ts';

/** Classes about what names say. `canary`: an absolute path outside of the target that must never appear. */
export function nameCases(canary: string): HostileCase[] {
  return [
    ...pathEscapes(canary),
    ...headerOverrides(canary),
    ...nameBytes(),
    ...nameForms(),
    ...foreignNames(),
    ...collisions(),
  ];
}

const file = (name: string | Buffer, content = 'x'): TarPart => ({ name, content });

function pathEscapes(canary: string): HostileCase[] {
  const escaped = rejected('path-escape');
  const names = [
    canary,
    '/etc/passwd',
    '//etc/passwd',
    '/',
    '..',
    '../x',
    '../../../../../../tmp/x',
    'a/../../x',
    'backup/data/../../../x',
    'backup/../x',
    'a/..',
    'a/b/../c',
    './../x',
    '././../x',
    `${'a/'.repeat(30)}${'../'.repeat(31)}x`,
    '/../x',
    '..//x',
  ];
  return [
    ...names.map((name) => tarCase('path-escape', `file ${name}`, [file('good'), file(name)], escaped)),
    ...['../x', '/x', 'a/../../x', '..', '../', 'a/../', '/'].map((name) =>
      tarCase('path-escape', `folder ${name}`, [{ name, type: '5' }], escaped),
    ),
    tarCase('path-escape', 'a link named ../l', [{ name: '../l', type: '2', link: 'x' }], escaped),
    tarCase(
      'path-escape',
      'the first part of the name in the prefix',
      [{ name: 'x', prefix: '..', content: 'x' }],
      escaped,
    ),
    tarCase('path-escape', 'a prefix that is absolute', [{ name: 'x', prefix: '/tmp', content: 'x' }], escaped),
    tarCase(
      'path-escape',
      'a long name that leads out',
      [{ ...file('x'), longName: `${'a/'.repeat(60)}../${'../'.repeat(60)}x` }],
      escaped,
    ),
    tarCase(
      'path-escape',
      'names with two and three dots that lead nowhere',
      [file('..a'), file('a../b..'), file('...')],
      literal({ '..a': 'x', 'a..': '/', 'a../b..': 'x', '...': 'x' }),
    ),
  ];
}

function headerOverrides(canary: string): HostileCase[] {
  const refused = rejected('header-override');
  const good = file('good');
  const global = (key: string, value: string): Buffer =>
    Buffer.concat([
      tar([{ name: 'pax', type: 'g', content: `${`${key}=${value}`.length + 4} ${key}=${value}\n` }], Buffer.alloc(0)),
      tar([good]),
    ]);
  const twoHeaders = (first: TarPart, second: TarPart): Buffer =>
    Buffer.concat([tar([first], Buffer.alloc(0)).subarray(0, 1024), tar([second])]);
  return [
    tarCase('header-override', 'pax path ../', [{ ...good, pax: [['path', '../x']] }], rejected('path-escape')),
    tarCase('header-override', 'pax path absolute', [{ ...good, pax: [['path', canary]] }], rejected('path-escape')),
    tarCase('header-override', 'GNU long name ../', [{ ...good, longName: '../x' }], rejected('path-escape')),
    tarCase(
      'header-override',
      'pax linkpath out',
      [{ name: 'l', type: '2', link: 'good', pax: [['linkpath', '../../x']] }],
      rejected('symlink-traversal'),
    ),
    tarCase(
      'header-override',
      'GNU long link out',
      [{ name: 'l', type: '2', link: 'good', longLink: '/etc/passwd' }],
      rejected('symlink-traversal'),
    ),
    tarCase(
      'header-override',
      'pax hard link out',
      [{ name: 'l', type: '1', link: 'good', pax: [['linkpath', '/etc/passwd']] }],
      rejected('hardlink-escape'),
    ),
    tarCase(
      'header-override',
      'pax path makes a second of a name',
      [good, { ...file('other'), pax: [['path', 'good']] }],
      rejected('name-collision'),
    ),
    tarCase('header-override', 'pax path and long name', [{ ...good, pax: [['path', 'a']], longName: 'b' }], refused),
    tarCase(
      'header-override',
      'pax path twice in one header',
      [
        {
          ...good,
          pax: [
            ['path', 'a'],
            ['path', 'b'],
          ],
        },
      ],
      refused,
    ),
    tarCase('header-override', 'pax path empty', [{ ...good, pax: [['path', '']] }], rejected('name-form')),
    tarCase('header-override', 'pax path with NUL', [{ ...good, pax: [['path', 'a\0b']] }], rejected('name-bytes')),
    ...[
      'GNU.sparse.map',
      'GNU.sparse.name',
      'GNU.sparse.realsize',
      'GNU.sparse.major',
      'hdrcharset',
      'charset',
      'realtime.x',
      'security.x',
      'filetype',
      'mode',
      'devmajor',
      'PATH',
      'Path',
      ' path',
    ].map((key) => tarCase('header-override', `pax key ${key}`, [{ ...good, pax: [[key, '1']] }], refused)),
    ...['path', 'linkpath', 'size', 'hdrcharset', 'GNU.sparse.name'].map((key) => {
      const bytes = global(key, '1');
      return {
        class: 'header-override' as const,
        name: `${key} for all entries`,
        bytes,
        outcome: refused,
        own: { expected: listOf([good]), outcome: refused },
      };
    }),
    {
      class: 'header-override',
      name: 'two extended headers before one entry',
      bytes: twoHeaders({ ...good, pax: [['comment', 'a']] }, { ...good, pax: [['comment', 'b']] }),
      outcome: refused,
    },
    {
      class: 'header-override',
      name: 'two long names before one entry',
      bytes: twoHeaders({ ...good, longName: 'a' }, { ...good, longName: 'b' }),
      outcome: refused,
    },
    tarCase(
      'header-override',
      'keys that are allowed',
      [
        {
          ...good,
          pax: [
            ['path', 'ok'],
            ['comment', 'c'],
            ['uid', '77'],
            ['gname', 'g'],
            ['mtime', '1.5'],
            ['atime', '1'],
          ],
        },
      ],
      literal({ ok: 'x' }),
    ),
    tarCase(
      'header-override',
      'a bad name that a good one replaces',
      [{ ...file('../x'), pax: [['path', 'ok']] }],
      literal({ ok: 'x' }),
    ),
  ];
}

function nameBytes(): HostileCase[] {
  const refused = rejected('name-bytes');
  const bad: (string | Buffer)[] = [
    Buffer.from('caf\xe9', 'latin1'),
    Buffer.from('a/\xff\xfe', 'latin1'),
    Buffer.from('\xc0\xae\xc0\xae/x', 'latin1'),
    Buffer.from('\xed\xa0\x80', 'latin1'),
    Buffer.from('\xf4\x90\x80\x80', 'latin1'),
    Buffer.from('\xe2\x82', 'latin1'),
    'a\nb',
    'a\rb',
    'a\tb',
    '\x1b[31mred',
    'a\x7f',
    'a\u0085b',
    'a\u202egnp.exe',
    'a\u2066b',
    'a\u200eb',
    'a\u061cb',
    'a\u2028b',
    'a\ufeffb',
    'a\u00adb',
    'a\u{e0041}b',
    'a\ufffeb',
    'a\ue000b',
    'a\u0378b',
    'folder\n/x',
  ];
  const good = [
    '--checkpoint-action=exec=sh',
    '-rf',
    '--',
    '-',
    '*',
    '?',
    '$(touch x)',
    '`id`',
    'a;b',
    "a'b",
    'a"b',
    'a b',
    ' a',
    '~',
    '~root',
    '\\',
    'a\\..\\b',
    '%2e%2e%2f',
    '&',
    '|',
    'نيم\u200cفاصله',
    '👨‍👩‍👧‍👦',
    'صورة ١.png',
    'é',
    'e\u0301',
    '日本語',
    '\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    'a\u00a0b',
    '❤️',
  ];
  return [
    ...bad.map((name) =>
      tarCase('name-bytes', `name ${JSON.stringify(name.toString('latin1'))}`, [file(name)], refused),
    ),
    ...bad
      .slice(0, 8)
      .map((name) =>
        tarCase(
          'name-bytes',
          `link to ${JSON.stringify(name.toString('latin1'))}`,
          [{ name: 'l', type: '2', link: name }],
          refused,
        ),
      ),
    tarCase(
      'name-bytes',
      'bytes behind the end of a name',
      [{ ...file('good'), change: (header) => void header.write('hidden', 20) }],
      refused,
    ),
    tarCase('name-bytes', 'a NUL in a long name', [{ ...file('good'), longName: 'a\0b' }], refused),
    ...good.map((name) => tarCase('name-bytes', `literal ${name}`, [file(name)], literal({ [name]: 'x' }))),
    {
      class: 'name-bytes',
      name: 'bytes that the signed list keeps as they are',
      bytes: tar([file(Buffer.from('caf\xe9', 'latin1')), file('line\nbreak')]),
      outcome: refused,
      own: {
        expected: [
          { name: 'caf\xe9', type: 'file', sizeBytes: 1, isRawName: true },
          { name: 'line\nbreak', type: 'file', isRawName: true },
        ],
        outcome: literal({ [Buffer.from('caf\xe9', 'latin1').toString('utf8')]: 'x', 'line\nbreak': 'x' }),
      },
    },
  ];
}

function nameForms(): HostileCase[] {
  const refused = rejected('name-form');
  return [
    ...['', '.', './', './.', 'a//b', 'a/./b', 'a/', './/a', 'a/.'].map((name) =>
      tarCase('name-form', `file "${name}"`, [file(name)], refused),
    ),
    ...['', 'a//', 'a/./', 'a//b/'].map((name) =>
      tarCase('name-form', `folder "${name}"`, [{ name, type: '5' }], refused),
    ),
    tarCase('name-form', 'the root as a link', [{ name: '.', type: '2', link: 'a' }], refused),
    tarCase('name-form', 'the root as a hard link', [file('a'), { name: './', type: '1', link: 'a' }], refused),
    tarCase(
      'name-form',
      'leading ./',
      [file('./a'), { name: './b/', type: '5' }, file('././c')],
      normalised(['leading-dot'], { a: 'x', b: '/', c: 'x' }),
    ),
    ...['.', './', '././'].map((name) =>
      tarCase(
        'name-form',
        `the root as a folder ${name}`,
        [{ name, type: '5', mode: 0o777, mtime: 5, uid: 99 }, file('a')],
        normalised(['root-folder-ignored'], { a: 'x' }),
      ),
    ),
  ];
}

function foreignNames(): HostileCase[] {
  const names = [
    'CON',
    'aux.txt',
    'NUL',
    'com1',
    'LPT9.log',
    'C:',
    'C:\\x',
    'C:x',
    '\\\\host\\share',
    'a:b',
    'file::$DATA',
    'end.',
    'end ',
    'PROGRA~1',
    '._a',
    '.DS_Store',
    '__MACOSX',
    'desktop.ini',
    'a<b>c',
    'a|b',
    '..\\..\\x',
    'x'.repeat(255),
  ];
  return names.map((name) =>
    tarCase('foreign-name', name.slice(0, 20), [{ ...file('short'), pax: [['path', name]] }], literal({ [name]: 'x' })),
  );
}

function collisions(): HostileCase[] {
  const refused = rejected('name-collision');
  const folder = (name: string): TarPart => ({ name, type: '5' });
  const link = (name: string): TarPart => ({ name, type: '2', link: 'other' });
  const folded: [string, string][] = [
    ['File', 'file'],
    ['é', 'e\u0301'],
    ['ß', 'ss'],
    ['ｆ', 'f'],
    ['a', 'a.'],
    ['a', 'a '],
    ['ſ', 's'],
    ['K', 'k'],
    ['Σ', 'ς'],
    ['ﬁ', 'fi'],
    ['a\u200cb', 'ab'],
    ['İ', 'i\u0307'],
  ];
  return [
    tarCase('name-collision', 'the same file twice', [file('a', '1'), file('a', '2')], refused),
    tarCase('name-collision', 'the same file with ./', [file('a'), file('./a')], refused),
    tarCase('name-collision', 'the same folder twice', [folder('a/'), folder('a/')], refused),
    tarCase('name-collision', 'a file, then a folder', [file('a'), folder('a/')], refused),
    tarCase('name-collision', 'a folder, then a file', [folder('a/'), file('a')], refused),
    tarCase('name-collision', 'a file below a file', [file('a'), file('a/b')], refused),
    tarCase('name-collision', 'a link, then a file of its name', [link('a'), file('a')], refused),
    tarCase('name-collision', 'a file, then a link of its name', [file('a'), link('a')], refused),
    tarCase('name-collision', 'the same link twice', [link('a'), link('a')], refused),
    tarCase(
      'name-collision',
      'a hard link over its own target',
      [file('a'), { name: 'a', type: '1', link: 'a' }],
      refused,
    ),
    tarCase('name-collision', 'a folder told of by a file, then a file', [file('a/b'), file('a')], refused),
    ...folded.map(([one, two]) =>
      tarCase(
        'name-collision',
        `${one} and ${two}`,
        [file(one, '1'), file(two, '2')],
        refused,
        literal({ [one]: '1', [two]: '2' }),
      ),
    ),
    ...folded.map(([one, two]) => tarCase('name-collision', `link ${one} and ${two}`, [link(one), file(two)], refused)),
    tarCase(
      'name-collision',
      'a link that a folder on the way folds to',
      [link('Uploads'), file('uploads/x')],
      refused,
    ),
    tarCase(
      'name-collision',
      'a hard link that folds to another file',
      [file('a'), file('B'), { name: 'b', type: '1', link: 'a' }],
      refused,
    ),
    tarCase(
      'name-collision',
      'a target of a hard link that folds to a later file',
      [file('a'), { name: 'h', type: '1', link: 'a' }, file('A')],
      refused,
    ),
    tarCase('name-collision', 'a folder after its files', [file('a/b'), folder('a/')], literal({ a: '/', 'a/b': 'x' })),
    tarCase(
      'name-collision',
      'names that only look alike',
      [file('a'), file('а'), file('a-'), file('b/a')],
      literal({ a: 'x', а: 'x', 'a-': 'x', b: '/', 'b/a': 'x' }),
    ),
    tarCase(
      'name-collision',
      'an old GNU archive',
      [
        { ...file('a'), magic: gnuMagic },
        { ...file('b'), magic: '\0'.repeat(8) },
      ],
      literal({ a: 'x', b: 'x' }),
    ),
    tarCase('name-collision', 'bytes as text', [file(byteText('a'))], literal({ a: 'x' })),
  ];
}
