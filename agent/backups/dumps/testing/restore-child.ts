import { createReadStream, readFileSync } from 'node:fs';
import { dumpPart } from '../../manifest.ts';
import { dumps } from '../dumps.ts';
import { workIn } from './servers.ts';

/* restore-child.ts PREFIX PART BYTES: puts one dump back in place. Its parent kills it somewhere on the way. */

const [prefix = '', partPath = '', bytesPath = ''] = process.argv.slice(2);
const part = dumpPart.parse(JSON.parse(readFileSync(partPath, 'utf8')));
await dumps.restore(workIn(prefix), part, createReadStream(bytesPath), { kind: 'in_place' });
