import type { Machine } from '../core/machine.ts';
import { permissionsOf } from '../people/person.ts';
import { registerOf } from '../people/register.ts';
import { listFacts } from './terminal-records.ts';
import { closeTerminal } from './terminals.actions.ts';

/** Ends the terminals of whoever is gone, disabled, or may no longer have them. */
export async function endForbidden(machine: Machine): Promise<void> {
  const people = registerOf(machine).all();
  for (const facts of listFacts(machine, machine.now())) {
    const person = people.get(facts.personId);
    const own = person === undefined || person.isDisabled ? [] : permissionsOf(person);
    const mayStay = own.includes('terminals.use') && (facts.kind === 'site' || own.includes('terminals.root'));
    if (!mayStay) await closeTerminal(machine, facts);
  }
}
