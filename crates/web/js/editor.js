// The editor's door to JavaScript: CodeMirror is loaded when an editor is first shown. Where it
// cannot be loaded, the page keeps its plain text field.

export async function openEditor(parent, text, label, onChange, onSave) {
  const module = await import(new URL("./vendor/editor.js", document.baseURI).href);
  return module.open(parent, text, label, onChange, onSave);
}
