type Callbacks<Data> = {
  readonly onSuccess?: (data: Data) => void;
  readonly onError?: (error: unknown) => void;
  readonly onSettled?: () => void;
};

/**
 * `mutate` whose callbacks are called in any case. TanStack's own are dropped when the component goes away meanwhile, and
 * the row that a change was about often does: live events take it off the page before the answer is there.
 */
export function finish<Data, Variables>(
  mutation: { readonly mutateAsync: (variables: Variables) => Promise<Data> },
  variables: Variables,
  { onSuccess, onError, onSettled }: Callbacks<Data> = {},
): void {
  void mutation
    .mutateAsync(variables)
    .then(onSuccess, onError ?? (() => undefined))
    .finally(onSettled);
}
