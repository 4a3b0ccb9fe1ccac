// A YAML editor of CodeMirror's parts, in the page's own colours. Bundled into vendor/codemirror.js.

import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, temporarilySetTabFocusMode } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--syn-key)" },
  { tag: [tags.string, tags.special(tags.string), tags.content, tags.attributeValue], color: "var(--syn-str)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--syn-num)" },
  { tag: [tags.comment, tags.meta], color: "var(--ink-3)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { font: "var(--t-code)/1.55 var(--mono)" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-3)", border: "0", minWidth: "44px" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "38px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--sunken) 55%, transparent)" },
  ".cm-cursor": { borderLeft: "2px solid var(--signal)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "var(--hair)" },
});

/** Opens an editor in `parent`. Esc, then Tab leaves it. */
export function open(parent, text, label, onChange, onSave) {
  const save = { key: "Mod-s", preventDefault: true, run: () => (onSave(), true) };
  const leave = { key: "Escape", run: (view) => (temporarilySetTabFocusMode(view), false) };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), history(), drawSelection(), highlightActiveLine(), closeBrackets(),
        autocompletion(), yaml(), indentUnit.of("  "), EditorState.tabSize.of(2),
        syntaxHighlighting(colours), look,
        keymap.of([save, leave, ...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    focus() {
      view.focus();
    },
    close() {
      view.destroy();
    },
  };
}
