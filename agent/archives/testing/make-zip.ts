import { crc32, deflateRawSync } from 'node:zlib';

export type ZipPart = {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  readonly method?: number;
  readonly flags?: number;
  /** Upper half of the external attributes; default a plain file or folder. */
  readonly mode?: number;
  readonly extra?: Buffer;
  readonly localExtra?: Buffer;
  readonly madeBy?: number;
  /** Writes sizes behind the content. */
  readonly descriptor?: boolean;
  /** Last word on each header. */
  readonly local?: (header: Buffer) => void;
  readonly central?: (header: Buffer) => void;
  readonly localName?: string | Buffer;
  /** Packed bytes in place of the real ones. */
  readonly packed?: Buffer;
  readonly gap?: Buffer;
  readonly isUnlisted?: boolean;
};

const bytes = (value: string | Buffer): Buffer => (typeof value === 'string' ? Buffer.from(value) : value);

export type ZipShape = {
  readonly before?: Buffer;
  readonly between?: Buffer;
  readonly behind?: Buffer;
  readonly end?: (record: Buffer) => void;
  readonly comment?: Buffer;
  /** Index of a part whose list entry comes once more. */
  readonly twice?: number;
};

export function zip(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const locals: Buffer[] = [shape.before ?? Buffer.alloc(0)];
  const centrals: Buffer[] = [];
  let at = locals[0]?.length ?? 0;
  for (const part of parts) {
    const { local, central } = zipPart(part, at);
    locals.push(local);
    at += local.length;
    if (part.isUnlisted !== true) centrals.push(central);
  }
  if (shape.twice !== undefined) centrals.push(centrals[shape.twice] ?? Buffer.alloc(0));
  const between = shape.between ?? Buffer.alloc(0);
  const list = Buffer.concat(centrals);
  const comment = shape.comment ?? Buffer.alloc(0);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(centrals.length, 8);
  end.writeUInt16LE(centrals.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(at + between.length, 16);
  end.writeUInt16LE(comment.length, 20);
  shape.end?.(end);
  return Buffer.concat([...locals, between, list, end, comment, shape.behind ?? Buffer.alloc(0)]);
}

function zipPart(part: ZipPart, offset: number): { local: Buffer; central: Buffer } {
  const name = bytes(part.name);
  const localName = bytes(part.localName ?? part.name);
  const content = bytes(part.content ?? '');
  const method = part.method ?? 8;
  const packed = part.packed ?? (method === 8 ? deflateRawSync(content) : content);
  const isFolder = name.at(-1) === 0x2f;
  const flags = (part.flags ?? 0x800) | (part.descriptor === true ? 8 : 0);
  const crc = crc32(content);
  const extra = part.extra ?? Buffer.alloc(0);
  const localExtra = part.localExtra ?? extra;
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 0, 'latin1');
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(flags, 6);
  local.writeUInt16LE(method, 8);
  local.writeUInt32LE(0x58210000, 10);
  if (part.descriptor !== true) {
    local.writeUInt32LE(crc, 14);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(content.length, 22);
  }
  local.writeUInt16LE(localName.length, 26);
  local.writeUInt16LE(localExtra.length, 28);
  part.local?.(local);
  const central = Buffer.alloc(46);
  central.write('PK\x01\x02', 0, 'latin1');
  central.writeUInt16LE(((part.madeBy ?? 3) << 8) | 20, 4);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  central.writeUInt32LE(0x58210000, 12);
  central.writeUInt32LE(crc, 16);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(content.length, 24);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(extra.length, 30);
  central.writeUInt32LE(((part.mode ?? (isFolder ? 0o40755 : 0o100644)) << 16) >>> 0, 38);
  central.writeUInt32LE(offset, 42);
  part.central?.(central);
  const descriptor = Buffer.alloc(part.descriptor === true ? 16 : 0);
  if (part.descriptor === true) {
    descriptor.write('PK\x07\x08', 0, 'latin1');
    descriptor.writeUInt32LE(crc, 4);
    descriptor.writeUInt32LE(packed.length, 8);
    descriptor.writeUInt32LE(content.length, 12);
  }
  return {
    local: Buffer.concat([local, localName, localExtra, packed, descriptor, part.gap ?? Buffer.alloc(0)]),
    central: Buffer.concat([central, name, extra]),
  };
}

export function extraField(id: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(content.length, 2);
  return Buffer.concat([head, content]);
}
