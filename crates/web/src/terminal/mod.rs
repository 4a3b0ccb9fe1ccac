//! The terminal: output as text, and one real input field for the line that is typed.
//!
//! The field makes input methods, phone keyboards, selection and dictation work by themselves. The
//! line goes to the terminal device when Enter is pressed, and the device echoes it. Programs that
//! want every key (raw mode) get every key.

mod keys;
mod screen;

pub use screen::{Block, Line, Screen};

use crate::locale::Texts;
use keys::{Action, action, raw_bytes};
use std::rc::Rc;
use web_sys::{Element, HtmlInputElement};
use yew::prelude::*;

/// How many lines of history are kept.
const HISTORY_MAX: usize = 500;

/// Words that could follow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// Where the word begins in the line, in bytes.
    pub start: usize,
    /// The words.
    pub words: Vec<String>,
    /// Which of them is chosen.
    pub chosen: usize,
}

/// What the terminal needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// What it shows.
    pub screen: Rc<Screen>,
    /// The line that is typed.
    pub line: AttrValue,
    /// Words that could follow.
    pub suggestions: Option<Rc<Suggestions>>,
    /// Whether keys go to the program as they are pressed.
    pub is_raw: bool,
    /// Whether time stands still.
    pub is_paused: bool,
    /// The field.
    pub field: NodeRef,
    /// A key or line for the program.
    pub on_bytes: Callback<Vec<u8>>,
    /// The line has been sent.
    pub on_submit: Callback<String>,
    /// The line has changed.
    pub on_line: Callback<String>,
    /// Completion is asked for at this byte.
    pub on_complete: Callback<(String, usize)>,
    /// Another suggestion is chosen, by so many places.
    pub on_choose: Callback<isize>,
    /// The suggestion of that number is taken.
    pub on_take: Callback<usize>,
    /// Suggestions are sent away.
    pub on_dismiss: Callback<()>,
    /// The screen is to be cleared.
    pub on_clear: Callback<()>,
}

/// The terminal.
#[component]
pub fn Terminal(props: &Props) -> Html {
    let output = use_node_ref();
    let history = use_mut_ref(Vec::<String>::new);
    let place = use_mut_ref(|| 0usize);
    let leaves = use_mut_ref(|| false);
    {
        let output = output.clone();
        use_effect_with((props.screen.clone(), props.suggestions.clone()), move |_| {
            if let Some(element) = output.cast::<Element>() {
                element.set_scroll_top(element.scroll_height());
            }
        });
    }
    let onkeydown = {
        let props = props.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.is_composing() || event.key_code() == 229 {
                return;
            }
            if event.key() == "Escape" && !props.is_raw {
                *leaves.borrow_mut() = true;
                props.on_dismiss.emit(());
                return;
            }
            if event.key() == "Tab" && leaves.take() {
                return;
            }
            *leaves.borrow_mut() = false;
            if props.is_raw {
                if let Some(bytes) = raw_bytes(&event) {
                    event.prevent_default();
                    props.on_bytes.emit(bytes);
                }
                return;
            }
            let field: HtmlInputElement = event.target_unchecked_into();
            if let Some(action) = action(&event, &field, props.suggestions.is_some()) {
                event.prevent_default();
                act(action, &props, &field, &mut history.borrow_mut(), &mut place.borrow_mut());
            }
        })
    };
    let oninput = {
        let (on_line, is_raw) = (props.on_line.clone(), props.is_raw);
        Callback::from(move |event: InputEvent| {
            let field: HtmlInputElement = event.target_unchecked_into();
            if !is_raw {
                on_line.emit(field.value());
            }
        })
    };
    let focus = {
        let field = props.field.clone();
        Callback::from(move |_: MouseEvent| focus_unless_selecting(&field))
    };
    let texts = &props.texts;
    // The shell's own prompt comes with the cluster; lines are taken before, and kept until then.
    let prompt = match props.screen.is_begun {
        true => runs(&props.screen.current.runs()),
        false => html! { "$ " },
    };
    html! {
        <div class="terminal" onclick={focus}>
            <div class="terminal-output" ref={output}>
                <div role="log" aria-label={texts.get("terminal.output")}>
                    { for props.screen.blocks.iter().map(|block| html! {
                        <BlockView key={block.number} block={block.clone()} />
                    }) }
                </div>
                <div class="terminal-line">
                    <label class="terminal-prompt" for="command-line">
                        <span class="visually-hidden">{ texts.get("terminal.input") }</span>
                        <span aria-hidden="true">{ prompt }</span>
                    </label>
                    <span class="terminal-field">
                        <input id="command-line" type="text" ref={props.field.clone()}
                            autocapitalize="off" autocomplete="off" spellcheck="false"
                            enterkeyhint="send" aria-autocomplete="list"
                            role="combobox" aria-expanded={props.suggestions.is_some().to_string()}
                            aria-controls="suggestions"
                            aria-activedescendant={props.suggestions.as_ref()
                                .map(|found| format!("suggestion-{}", found.chosen))}
                            value={props.line.clone()} {onkeydown} {oninput} />
                    </span>
                </div>
                { suggestions(props) }
            </div>
            { keys_row(props) }
        </div>
    }
}

fn focus_unless_selecting(field: &NodeRef) {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    let is_selecting = selection.is_some_and(|selection| !selection.is_collapsed());
    if !is_selecting && let Some(field) = field.cast::<HtmlInputElement>() {
        let _ = field.focus();
    }
}

fn act(
    action: Action,
    props: &Props,
    field: &HtmlInputElement,
    history: &mut Vec<String>,
    place: &mut usize,
) {
    let line = field.value();
    match action {
        Action::Send => {
            if !line.trim().is_empty() && history.last() != Some(&line) {
                history.push(line.clone());
                let surplus = history.len().saturating_sub(HISTORY_MAX);
                history.drain(..surplus);
            }
            *place = history.len();
            props.on_submit.emit(line);
        }
        Action::Take => {
            props.on_take.emit(props.suggestions.as_ref().map_or(0, |found| found.chosen));
        }
        Action::Complete(cursor) => props.on_complete.emit((line, cursor)),
        Action::Choose(by) => props.on_choose.emit(by),
        Action::Older | Action::Newer => {
            let last = history.len();
            *place = match action {
                Action::Older => place.saturating_sub(1),
                _ => (*place + 1).min(last),
            };
            props.on_line.emit(history.get(*place).cloned().unwrap_or_default());
        }
        Action::Edit(text) => props.on_line.emit(text),
        Action::Cursor(at) => {
            let _ = field.set_selection_range(at, at);
        }
        Action::Bytes(bytes) => props.on_bytes.emit(bytes),
        Action::Clear => props.on_clear.emit(()),
    }
}

fn suggestions(props: &Props) -> Html {
    let Some(found) = &props.suggestions else {
        return html! {};
    };
    let word = |(number, word): (usize, &String)| {
        let on_take = props.on_take.clone();
        let take = Callback::from(move |event: MouseEvent| {
            event.stop_propagation();
            on_take.emit(number);
        });
        html! {
            <li id={format!("suggestion-{number}")} role="option" key={number}
                aria-selected={(number == found.chosen).to_string()} onclick={take}>
                <span>{ word.trim_end().to_owned() }</span>
                if number == found.chosen { <kbd>{ "Tab" }</kbd> }
            </li>
        }
    };
    html! {
        <ul id="suggestions" role="listbox" class="suggestions"
            aria-label={props.texts.get("terminal.suggestions")}>
            { for found.words.iter().enumerate().map(word) }
        </ul>
    }
}

/// Keys that keyboards of phones do not have.
fn keys_row(props: &Props) -> Html {
    let insert = |text: &'static str| {
        let (line, on_line, field) =
            (props.line.clone(), props.on_line.clone(), props.field.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            on_line.emit(format!("{line}{text}"));
            focus_unless_selecting(&field);
        });
        html! { <button type="button" {onclick}>{ text }</button> }
    };
    let interrupt = props.on_bytes.reform(|_: MouseEvent| vec![3]);
    let complete = {
        let line = props.line.to_string();
        props.on_complete.reform(move |_: MouseEvent| (line.clone(), line.len()))
    };
    html! {
        <div class="terminal-keys" role="group" aria-label={props.texts.get("terminal.keys")}>
            <button type="button" onclick={complete}>{ "tab" }</button>
            <button type="button" onclick={interrupt}>{ "ctrl c" }</button>
            { for ["kubectl ", "get ", "-", "/", "|"].map(insert) }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct BlockProps {
    block: Rc<Block>,
}

/// A command and what it printed.
#[component]
fn BlockView(props: &BlockProps) -> Html {
    html! {
        <div class="terminal-block">
            { for props.block.lines.iter().enumerate().map(|(number, line)| html! {
                <LineView key={number} line={line.clone()} />
            }) }
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct LineProps {
    line: Rc<Line>,
}

#[component]
fn LineView(props: &LineProps) -> Html {
    html! { <div>{ runs(&props.line.runs()) }{ "\n" }</div> }
}

fn runs(runs: &[screen::Run]) -> Html {
    runs.iter()
        .map(|(style, text)| match style.classes() {
            classes if classes.is_empty() => html! { { text } },
            classes => html! { <span class={classes}>{ text }</span> },
        })
        .collect()
}
