/** Who asks, and until when the answer is of use. */
export type Call = {
  readonly actor: { readonly id: string; readonly name: string };
  readonly requestId: string;
  /** Epoch ms. */
  readonly deadlineAt: number;
};
