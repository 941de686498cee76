import { afterEach } from 'vitest';
import { keepFailure } from './person.ts';

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await keepFailure(task.name);
});
