// `node test/vps/sweep.ts`: takes away machines and namespaces that a killed run left behind.
import { sweep } from './world.ts';

await sweep();
