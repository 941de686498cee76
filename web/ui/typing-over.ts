import { EditorView } from '@codemirror/view';

/**
 * What is typed over a selection is put there by CodeMirror itself. Chromium would keep the colours of what was there in a
 * `style` of its own, which the policy of the page does not allow.
 */
export const typingOver = EditorView.domEventHandlers({
  beforeinput({ data, inputType }, view) {
    const { state } = view;
    if (inputType !== 'insertText' || data === null || view.composing || state.readOnly) return false;
    const typed = { scrollIntoView: true, userEvent: 'input.type' };
    if (!state.selection.main.empty) {
      view.dispatch({ ...state.replaceSelection(data), ...typed });
      return true;
    }
    const range = newRange(view);
    if (range === undefined) return false;
    const insert = state.toText(data);
    view.dispatch({ changes: { ...range, insert }, selection: { anchor: range.from + insert.length }, ...typed });
    return true;
  },
});

/** A selection that the page has, and CodeMirror will hear of in a moment. */
function newRange(view: EditorView): { from: number; to: number } | undefined {
  const selection = view.contentDOM.ownerDocument.getSelection();
  if (selection === null || selection.isCollapsed) return undefined;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  if (!view.contentDOM.contains(anchorNode) || !view.contentDOM.contains(focusNode)) return undefined;
  if (anchorNode === null || focusNode === null) return undefined;
  const ends = [view.posAtDOM(anchorNode, anchorOffset), view.posAtDOM(focusNode, focusOffset)];
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return from === to ? undefined : { from, to };
}
