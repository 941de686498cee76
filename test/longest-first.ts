import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Order of test files: those that take long begin first, so that none of them is alone at the end. Without a memory of
 * earlier runs Vitest goes by the size of the file, which says nothing of a file that only names its steps.
 */
export function longestFirst(names: readonly string[]): typeof BaseSequencer {
  const placeOf = ({ moduleId }: TestSpecification): number => {
    const place = names.findIndex((name) => moduleId.endsWith(`/${name}`));
    return place === -1 ? names.length : place;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const sorted = await super.sort(files);
      return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
    }
  };
}
