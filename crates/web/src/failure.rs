//! The card that is shown when the simulator has stopped by a mistake of ours.

use crate::locale::Texts;
use std::rc::Rc;
use yew::prelude::*;

/// What the card needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// What the worker said last.
    pub report: String,
    /// The session, as text.
    pub session: String,
    /// Whether it has just been copied.
    pub is_copied: bool,
    /// It is to be copied.
    pub on_copy: Callback<()>,
    /// A session with the same files is to begin.
    pub on_again: Callback<()>,
}

/// The card.
#[component]
pub fn FailureCard(props: &Props) -> Html {
    let texts = &props.texts;
    let copied = if props.is_copied { "session.copied" } else { "failed.copy" };
    html! {
        <div class="veil">
            <div class="failure" role="alertdialog" aria-labelledby="failure-title"
                aria-describedby="failure-body">
                <h2 id="failure-title">{ texts.get("failed.title") }</h2>
                <p id="failure-body">{ texts.get("failed.body") }</p>
                <h3>{ texts.get("failed.report") }</h3>
                <pre lang="en" tabindex="0">{ &props.report }</pre>
                <label for="failure-session">{ texts.get("session.copy") }</label>
                <textarea id="failure-session" readonly=true rows="3" value={props.session.clone()} />
                <div class="failure-actions">
                    <button type="button" class="button"
                        onclick={props.on_copy.reform(|_: MouseEvent| ())}>{ texts.get(copied) }</button>
                    <button type="button" class="button button-primary"
                        onclick={props.on_again.reform(|_: MouseEvent| ())}>
                        { texts.get("failed.again") }
                    </button>
                </div>
            </div>
        </div>
    }
}
