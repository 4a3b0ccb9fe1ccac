// The editor's door: CodeMirror is loaded when somebody turns to the files, when a program waits
// for an edit, or when nobody does anything. Until then a plain text field stands in its place.

/** How long nobody has done anything when it is loaded. */
const IDLE_MS = 4_000;
let wanted;

function whenWanted() {
  wanted ??= new Promise((resolve) => {
    let timer;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(resolve, IDLE_MS);
    };
    const turn = ({ target }) => target.closest?.(".files, .page-tabs") && resolve();
    for (const event of ["keydown", "pointerdown"]) addEventListener(event, wait);
    for (const event of ["pointerover", "focusin"]) addEventListener(event, turn);
    wait();
  });
  return wanted;
}

/** Opens an editor in `parent`, when it is wanted. */
export async function open(parent, ...rest) {
  if (!parent.closest(".files-waiting")) await whenWanted();
  const module = await import("./codemirror.js");
  // What was typed into the plain field goes on in the editor.
  const hadFocus = parent.parentElement?.contains(document.activeElement);
  const editor = module.open(parent, ...rest);
  const focus = () => (parent.hidden ? requestAnimationFrame(focus) : editor.focus());
  if (hadFocus) focus();
  return editor;
}
