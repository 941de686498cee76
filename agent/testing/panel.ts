import { findHandler } from '../actions.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { createActions, type Actions } from '../requests.ts';
import { askThrough, type Ask } from './people.ts';
import { makeWorld, type World, type WorldOptions } from './world.ts';

/** For tests: an agent in this process whose clock stands still until it is told. */
export type TestAgent = {
  readonly world: World;
  readonly ask: Ask;
  readonly machine: Machine;
  readonly actions: Actions;
  readonly now: () => number;
  wait(ms: number): void;
  /** Ends and starts again on the same state: what was in memory only is gone. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export async function startTestAgent(options: WorldOptions = {}): Promise<TestAgent> {
  const world = await makeWorld(options);
  let now = Date.now();
  const open = (): Promise<Machine> => openMachine(world.settings, { now: () => now });
  let machine = await open();
  let actions = createActions(machine, findHandler);
  return {
    world,
    ask: (...given) => askThrough(actions)(...given),
    get machine() {
      return machine;
    },
    get actions() {
      return actions;
    },
    now: () => now,
    wait: (ms) => void (now += ms),
    async restart() {
      await machine.settled();
      machine.close();
      machine = await open();
      actions = createActions(machine, findHandler);
    },
    async close() {
      await machine.settled();
      machine.close();
      world.destroy();
    },
  };
}
