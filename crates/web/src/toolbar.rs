//! The bar at the top: name, time, session, theme, language.

use crate::locale::{Language, Texts};
use crate::picture::icon;
use std::rc::Rc;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Speeds that can be chosen.
pub const SPEEDS: [f64; 4] = [1.0, 2.0, 5.0, 20.0];

/// What the bar needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// Milliseconds since the session began.
    pub now_ms: u64,
    /// Whether time runs.
    pub is_running: bool,
    /// How fast it runs.
    pub speed: f64,
    /// Time is to run or stand still.
    pub on_run: Callback<bool>,
    /// It is to run that fast.
    pub on_speed: Callback<f64>,
    /// A step is to be made.
    pub on_step: Callback<()>,
    /// A new session is to begin.
    pub on_new: Callback<()>,
    /// The session is to be copied.
    pub on_copy: Callback<()>,
    /// Whether it has just been copied.
    pub is_copied: bool,
    /// Light and dark are to be exchanged.
    pub on_theme: Callback<()>,
    /// A language is chosen.
    pub on_language: Callback<Language>,
}

/// Time since the session began: `00:02:14`.
pub fn clock(now_ms: u64) -> String {
    let seconds = now_ms / 1_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The bar.
#[component]
pub fn Toolbar(props: &Props) -> Html {
    let texts = &props.texts;
    let is_asking = use_state(|| false);
    let run = {
        let is_running = props.is_running;
        props.on_run.reform(move |_: MouseEvent| !is_running)
    };
    let next_speed = {
        let place = SPEEDS.iter().position(|speed| *speed == props.speed).unwrap_or(0);
        SPEEDS[(place + 1) % SPEEDS.len()]
    };
    let ask = {
        let is_asking = is_asking.clone();
        Callback::from(move |_: MouseEvent| is_asking.set(!*is_asking))
    };
    let begin = {
        let (is_asking, on_new) = (is_asking.clone(), props.on_new.clone());
        Callback::from(move |_: MouseEvent| {
            is_asking.set(false);
            on_new.emit(());
        })
    };
    let run_label = texts.get(if props.is_running { "time.pause" } else { "time.play" });
    let copied = if props.is_copied { "session.copied" } else { "session.copy" };
    html! {
        <header class="toolbar">
            <div class="brand">
                { icon("box") }
                <h1>{ "Kobako" }<span lang="ja">{ "小箱" }</span></h1>
                <span class="tagline">{ texts.get("tagline") }</span>
            </div>
            <div class="time" role="group" aria-label={texts.get("time")}>
                <div class="segments">
                    <button type="button" class={classes!("run", (!props.is_running).then_some("on"))}
                        onclick={run} aria-label={run_label} title={run_label}>
                        { icon(if props.is_running { "pause" } else { "play" }) }
                    </button>
                    <button type="button" onclick={props.on_step.reform(|_: MouseEvent| ())}
                        aria-label={texts.get("time.step")} title={texts.get("time.step")}>
                        { icon("step") }
                    </button>
                    <button type="button" class="speed" title={texts.get("time.speed")}
                        aria-label={format!("{} {}×", texts.get("time.speed"), props.speed)}
                        onclick={props.on_speed.reform(move |_: MouseEvent| next_speed)}>
                        { format!("{}×", props.speed) }
                    </button>
                </div>
                <output class="clock" aria-label={texts.get("time.clock")} aria-live="off">
                    <span>{ "T+" }</span>{ clock(props.now_ms) }
                </output>
                <span class="time-word">
                    { texts.get(if props.is_running { "time.running" } else { "time.paused" }) }
                </span>
            </div>
            <div class="actions">
                <button type="button" class="button wide-only"
                    onclick={props.on_copy.reform(|_: MouseEvent| ())}>{ texts.get(copied) }</button>
                <div class="asking">
                    <button type="button" class="icon-button" onclick={ask}
                        aria-expanded={is_asking.to_string()} aria-label={texts.get("session.new")}
                        title={texts.get("session.new")}>{ icon("new") }</button>
                    if *is_asking {
                        <div class="popup" role="dialog" aria-label={texts.get("session.new")}>
                            <p>{ texts.get("session.new.confirm") }</p>
                            <button type="button" class="button button-primary" onclick={begin}>
                                { texts.get("yes") }
                            </button>
                            <button type="button" class="button" onclick={{
                                let is_asking = is_asking.clone();
                                move |_: MouseEvent| is_asking.set(false)
                            }}>{ texts.get("no") }</button>
                        </div>
                    }
                </div>
                { languages(props) }
                <button type="button" class="icon-button" aria-label={texts.get("theme")}
                    title={texts.get("theme")} onclick={props.on_theme.reform(|_: MouseEvent| ())}>
                    { icon("theme") }
                </button>
            </div>
        </header>
    }
}

fn languages(props: &Props) -> Html {
    let choice = |language: Language, name: &'static str| {
        let is_chosen = props.texts.language == language;
        html! {
            <button type="button" lang={language.tag()} aria-pressed={is_chosen.to_string()}
                class={is_chosen.then_some("on")}
                onclick={props.on_language.reform(move |_: MouseEvent| language)}>{ name }</button>
        }
    };
    html! {
        <div class="segments languages" role="group" aria-label={props.texts.get("language")}>
            { choice(Language::English, "EN") }
            { choice(Language::Japanese, "日本語") }
        </div>
    }
}

/// Sets an attribute of the document's root.
pub fn set_root(name: &str, value: &str) {
    let root = web_sys::window().and_then(|window| window.document()?.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute(name, value);
    }
}

/// Moves the focus to an element.
pub fn focus(id: &str) {
    use wasm_bindgen::JsCast as _;
    let found = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn time_is_written_in_hours_minutes_and_seconds() {
        assert_eq!(clock(134_900), "00:02:14");
        assert_eq!(clock(3_600_000 * 25), "25:00:00");
    }
}
