//! The files of the learner's machine, and an editor for one of them.
//!
//! The editor is a plain text field until CodeMirror has been loaded, and stays one if it cannot
//! be. What is typed is a draft until it is saved; drafts survive everything.

use crate::locale::Texts;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

#[wasm_bindgen(module = "/js/editor.js")]
extern "C" {
    #[wasm_bindgen(catch, js_name = openEditor)]
    async fn open_editor(
        parent: &Element,
        text: &str,
        label: &str,
        on_change: &JsValue,
        on_save: &JsValue,
    ) -> Result<JsValue, JsValue>;

    /// A CodeMirror editor as `www/editor/editor.js` makes it.
    type Handle;
    #[wasm_bindgen(method)]
    fn replace(this: &Handle, text: &str);
    #[wasm_bindgen(method)]
    fn focus(this: &Handle);
    #[wasm_bindgen(method)]
    fn close(this: &Handle);
}

/// What the editor needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// The files as they are on the machine, by path.
    pub files: Rc<Vec<(String, String)>>,
    /// What was typed and not saved, by path.
    pub drafts: Rc<BTreeMap<String, String>>,
    /// The file that is shown.
    pub open: Option<String>,
    /// Another file is to be shown.
    pub on_open: Callback<String>,
    /// A draft of the open file.
    pub on_draft: Callback<(String, String)>,
    /// A file is to be written.
    pub on_save: Callback<String>,
    /// A file is to be written and applied.
    pub on_apply: Callback<String>,
    /// A new file is to be made.
    pub on_create: Callback<String>,
    /// The file that a program waits for, if one does: path and content.
    pub editing: Option<(String, String)>,
    /// The editor that a program waits for is closed; what it holds is saved, or not.
    pub on_close: Callback<bool>,
}

/// Files and editor.
#[component]
pub fn Files(props: &Props) -> Html {
    let Props { texts, files, drafts, open, editing, .. } = props;
    let names_new = use_state(|| false);
    let name_field = use_node_ref();
    let text = open.as_ref().and_then(|path| {
        let on_disk = || files.iter().find(|(known, _)| known == path).map(|(_, text)| text);
        drafts.get(path).or_else(on_disk).cloned()
    });
    let toggle = {
        let names_new = names_new.clone();
        Callback::from(move |_: MouseEvent| names_new.set(!*names_new))
    };
    let create = {
        let (names_new, name_field) = (names_new.clone(), name_field.clone());
        let on_create = props.on_create.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(field) = name_field.cast::<HtmlInputElement>() {
                let name = field.value().trim().to_owned();
                if !name.is_empty() && !name.starts_with('/') && !name.contains("..") {
                    on_create.emit(name);
                    names_new.set(false);
                }
            }
        })
    };
    if let Some((path, text)) = editing {
        return waited_for(props, path, drafts.get(path).unwrap_or(text));
    }
    html! {
        <section class="files" aria-label={texts.get("files")}>
            <header class="panel-head">
                <h2>{ texts.get("files") }</h2>
                <button type="button" class="button button-small" onclick={toggle}
                    aria-expanded={names_new.to_string()}>{ texts.get("files.new") }</button>
            </header>
            if *names_new {
                <form class="file-name" onsubmit={create}>
                    <label class="visually-hidden" for="file-name">{ texts.get("files.new.name") }</label>
                    <input id="file-name" ref={name_field} placeholder="pod.yaml" spellcheck="false"
                        autocapitalize="off" autocomplete="off" />
                    <button type="submit" class="button button-small">{ texts.get("files.create") }</button>
                </form>
            }
            <ul class="file-list">
                { for files.iter().map(|(path, text)| entry(props, path, text)) }
            </ul>
            if files.is_empty() { <p class="files-empty">{ texts.get("files.empty") }</p> }
            if let (Some(path), Some(text)) = (open, text) {
                <Editor key={path.clone()} texts={texts.clone()} path={path.clone()} {text}
                    on_draft={props.on_draft.clone()} on_save={props.on_save.clone()} />
                { actions(props, path) }
            }
        </section>
    }
}

/// The editor that `kubectl edit` and `vi` wait for.
fn waited_for(props: &Props, path: &str, text: &str) -> Html {
    let texts = &props.texts;
    let close = |is_saved: bool| props.on_close.reform(move |_: MouseEvent| is_saved);
    let on_save = props.on_close.reform(|_: String| true);
    html! {
        <section class="files files-waiting" aria-label={texts.get("edit")}>
            <header class="panel-head">
                <h2>{ texts.get("edit") }</h2>
                <span class="file-path">{ path }</span>
            </header>
            <p class="edit-hint">
                { texts.get("edit.hint") }<span>{ texts.get("files.leave") }</span>
            </p>
            <Editor key={path.to_owned()} texts={texts.clone()} path={path.to_owned()}
                text={text.to_owned()} on_draft={props.on_draft.clone()} {on_save} takes_focus=true />
            <footer class="editor-bar">
                <button type="button" class="button button-small" onclick={close(false)}>
                    { texts.get("edit.cancel") }
                </button>
                <button type="button" class="button button-small button-primary"
                    onclick={close(true)}>{ texts.get("edit.save") }<kbd>{ "Ctrl S" }</kbd></button>
            </footer>
        </section>
    }
}

fn is_changed(props: &Props, path: &str) -> bool {
    let on_disk = props.files.iter().find(|(known, _)| known == path).map(|(_, text)| text);
    props.drafts.get(path).is_some_and(|draft| Some(draft) != on_disk)
}

fn entry(props: &Props, path: &str, _text: &str) -> Html {
    let is_open = props.open.as_deref() == Some(path);
    let onclick = {
        let path = path.to_owned();
        props.on_open.reform(move |_: MouseEvent| path.clone())
    };
    html! {
        <li key={path.to_owned()}>
            <button type="button" class={is_open.then_some("on")} {onclick}
                aria-current={is_open.then_some("true")}>
                <span>{ path }</span>
                if is_changed(props, path) { <em>{ props.texts.get("files.changed") }</em> }
            </button>
        </li>
    }
}

fn actions(props: &Props, path: &str) -> Html {
    let with = |callback: &Callback<String>| {
        let path = path.to_owned();
        callback.reform(move |_: MouseEvent| path.clone())
    };
    let texts = &props.texts;
    let word = if is_changed(props, path) { "files.changed" } else { "files.saved" };
    html! {
        <footer class="editor-bar">
            <span>{ texts.get(word) }</span>
            <span class="hint">{ texts.get("files.leave") }</span>
            <button type="button" class="button button-small" onclick={with(&props.on_save)}>
                { texts.get("files.save") }<kbd>{ "Ctrl S" }</kbd>
            </button>
            <button type="button" class="button button-small button-primary"
                onclick={with(&props.on_apply)}>{ texts.get("files.apply") }</button>
        </footer>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct EditorProps {
    texts: Rc<Texts>,
    path: String,
    text: String,
    on_draft: Callback<(String, String)>,
    on_save: Callback<String>,
    /// Whether typing goes into it as soon as it is there.
    #[prop_or_default]
    takes_focus: bool,
}

/// What JavaScript calls back. Kept as long as the editor.
struct Live {
    handle: Handle,
    text: String,
    _on_change: Closure<dyn FnMut(String)>,
    _on_save: Closure<dyn FnMut()>,
}

#[component]
fn Editor(props: &EditorProps) -> Html {
    let parent = use_node_ref();
    let live: Rc<RefCell<Option<Live>>> = use_mut_ref(|| None);
    let is_live = use_state(|| false);
    let label = props.texts.with("files.editor", &[&props.path]);
    {
        let (parent, live, is_live) = (parent.clone(), live.clone(), is_live.clone());
        let (props, label) = (props.clone(), label.clone());
        use_effect_with((), move |()| {
            if let Some(parent) = parent.cast::<Element>() {
                let live = live.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    is_live.set(load(&parent, &props, &label, &live).await);
                });
            }
            move || {
                if let Some(live) = live.take() {
                    live.handle.close();
                }
            }
        });
    }
    {
        let live = live.clone();
        use_effect_with((props.text.clone(), *is_live), move |(text, _)| {
            if let Some(live) = live.borrow_mut().as_mut()
                && live.text != *text
            {
                live.text.clone_from(text);
                live.handle.replace(text);
            }
        });
    }
    {
        let (live, takes_focus) = (live.clone(), props.takes_focus);
        // Nothing that is hidden takes the focus: it is shown by now.
        use_effect_with(*is_live, move |_| {
            if let Some(live) = live.borrow().as_ref().filter(|_| takes_focus) {
                live.handle.focus();
            }
        });
    }
    let oninput = {
        let (path, on_draft) = (props.path.clone(), props.on_draft.clone());
        Callback::from(move |event: InputEvent| {
            let field: HtmlTextAreaElement = event.target_unchecked_into();
            on_draft.emit((path.clone(), field.value()));
        })
    };
    html! {
        <div class="editor">
            <div class="editor-live" ref={parent} hidden={!*is_live} />
            if !*is_live {
                <textarea class="editor-plain" aria-label={label} spellcheck="false"
                    autocapitalize="off" value={props.text.clone()} {oninput} />
            }
        </div>
    }
}

/// Loads CodeMirror into `parent`; false if there is none.
async fn load(
    parent: &Element,
    props: &EditorProps,
    label: &str,
    live: &Rc<RefCell<Option<Live>>>,
) -> bool {
    let on_change = {
        let (path, on_draft, live) = (props.path.clone(), props.on_draft.clone(), live.clone());
        Closure::<dyn FnMut(String)>::new(move |text: String| {
            // Called by `replace` too, while `live` is borrowed: that is no news.
            if let Ok(mut live) = live.try_borrow_mut() {
                if let Some(live) = live.as_mut() {
                    live.text.clone_from(&text);
                }
                drop(live);
                on_draft.emit((path.clone(), text));
            }
        })
    };
    let on_save = {
        let (path, on_save) = (props.path.clone(), props.on_save.clone());
        Closure::<dyn FnMut()>::new(move || on_save.emit(path.clone()))
    };
    let opened =
        open_editor(parent, &props.text, label, on_change.as_ref(), on_save.as_ref()).await;
    let Ok(handle) = opened else {
        return false;
    };
    let handle: Handle = handle.unchecked_into();
    *live.borrow_mut() =
        Some(Live { handle, text: props.text.clone(), _on_change: on_change, _on_save: on_save });
    true
}
