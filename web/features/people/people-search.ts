/** What the list of people shows, kept in its address. */
export type PeopleSearch = {
  readonly search?: string;
  /** Whose account is open beside the list. */
  readonly person?: string;
  /** The form for an invitation is open. */
  readonly invite?: true;
};

/** Takes what fits from an address; the rest is left out. */
export function peopleSearch(raw: Record<string, unknown>): PeopleSearch {
  const { search, person, invite } = raw;
  return {
    ...(typeof search === 'string' && search !== '' ? { search: search.slice(0, 100) } : {}),
    ...(typeof person === 'string' && /^[a-z2-7]{16}$/.test(person) ? { person } : {}),
    ...(invite === true ? { invite: true } : {}),
  };
}
