import { EditorView } from '@codemirror/view';

/**
 * What is typed over a selection is put there by CodeMirror itself. Chromium would keep the colours of what was there in a
 * `style` of its own, which the policy of the page does not allow.
 */
export const typingOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { data, inputType } = event;
    const { state } = view;
    if (inputType !== 'insertText' || data === null || view.composing || state.readOnly || state.selection.main.empty)
      return false;
    view.dispatch({ ...state.replaceSelection(data), scrollIntoView: true, userEvent: 'input.type' });
    return true;
  },
});
