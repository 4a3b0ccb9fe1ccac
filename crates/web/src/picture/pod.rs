//! A Pod as a tile.

use super::marks::{mark, name};
use super::model::{passed, span};
use crate::locale::Texts;
use session::view::{PodPiece, PodState};
use std::rc::Rc;
use yew::prelude::*;

/// What a tile needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// The Pod.
    pub pod: Rc<PodPiece>,
    /// Milliseconds since the session began; 0 for Pods on which nothing moves.
    pub now_ms: u64,
    /// Whether it is gone and is only shown to leave.
    pub is_leaving: bool,
    /// Whether it is selected.
    pub is_selected: bool,
    /// Whether it can be reached with Tab.
    pub is_tab_stop: bool,
    /// It is selected.
    pub on_select: Callback<String>,
}

/// The prefix that Pods of one owner share, shortened, and what sets this one apart.
pub fn short_name(pod: &PodPiece) -> (String, String) {
    match pod.name.rsplit_once('-') {
        Some((prefix, suffix)) if !pod.owner.is_empty() => {
            let hash = prefix.rsplit_once('-').map_or(prefix, |(_, hash)| hash);
            let short: String = match pod.owner_kind.as_str() {
                "ReplicaSet" => hash.chars().take(5).collect(),
                _ => prefix.to_owned(),
            };
            (format!("{short}-"), suffix.to_owned())
        }
        _ => (String::new(), pod.name.clone()),
    }
}

fn seconds(to_ms: u64, now_ms: u64) -> String {
    to_ms.saturating_sub(now_ms).div_ceil(1_000).to_string()
}

/// The line below the name.
pub fn note(texts: &Texts, pod: &PodPiece, now_ms: u64) -> String {
    let ready = format!("{}/{}", pod.ready, pod.containers);
    match pod.state {
        PodState::Pending => texts.get("note.pending").to_owned(),
        PodState::Creating => texts.get("note.creating").to_owned(),
        PodState::Pulling { from_ms, .. } if from_ms > now_ms => {
            texts.get("note.queued").to_owned()
        }
        PodState::Pulling { from_ms, to_ms } => {
            let percent = (passed(from_ms, to_ms, now_ms) * 100.0).floor();
            texts.with("note.pulling", &[&percent.to_string()])
        }
        PodState::NotReady => texts.with("note.notready", &[&ready]),
        PodState::Ready => texts.with("note.ready", &[&ready]),
        PodState::CrashLoop { to_ms, .. } if to_ms > now_ms => {
            texts.with("note.crashloop", &[&seconds(to_ms, now_ms)])
        }
        PodState::ImageError { to_ms, .. } if to_ms > now_ms => {
            texts.with("note.image", &[&seconds(to_ms, now_ms)])
        }
        PodState::Terminating { to_ms, .. } => {
            texts.with("note.terminating", &[&seconds(to_ms, now_ms)])
        }
        PodState::Succeeded => texts.get("note.completed").to_owned(),
        PodState::Failed if pod.reason == "Failed" => texts.get("note.failed").to_owned(),
        PodState::Unknown => texts.get("note.unknown").to_owned(),
        PodState::Crashed if pod.reason == "Error" => texts.get("note.crashed").to_owned(),
        _ => pod.reason.clone(),
    }
}

/// The line with its figure apart: narrow tiles shorten the word and keep the figure.
fn note_view(note: &str) -> Html {
    match note.rsplit_once(' ') {
        Some((word, figure)) => html! {
            <span class="pod-note">
                <span class="pod-word">{ word }</span><span>{ format!(" {figure}") }</span>
            </span>
        },
        None => html! { <span class="pod-note"><span class="pod-word">{ note }</span></span> },
    }
}

/// The name of a Pod for those who do not see the picture.
pub fn label(texts: &Texts, pod: &PodPiece) -> String {
    let node = match pod.node.as_str() {
        "" => texts.get("pod.unbound"),
        node => node,
    };
    let values = [
        pod.name.as_str(),
        pod.reason.as_str(),
        &pod.ready.to_string(),
        &pod.containers.to_string(),
        &pod.restarts.to_string(),
        node,
    ];
    texts.with("pod.label", &values)
}

/// The part of a ring that is left.
pub fn ring(state: PodState, now_ms: u64) -> Option<f64> {
    match state {
        PodState::CrashLoop { from_ms, to_ms } => Some(1.0 - passed(from_ms, to_ms, now_ms)),
        PodState::Crashed => Some(0.0),
        _ => None,
    }
}

/// A tile.
#[component]
pub fn PodTile(props: &Props) -> Html {
    let Props { texts, pod, now_ms, .. } = props;
    let (prefix, suffix) = short_name(pod);
    let part = span(pod.state).map(|(from, to)| match pod.state {
        PodState::Terminating { .. } => 1.0 - passed(from, to, *now_ms),
        _ => passed(from, to, *now_ms),
    });
    let onclick = {
        let (uid, on_select) = (pod.uid.clone(), props.on_select.clone());
        Callback::from(move |_: MouseEvent| on_select.emit(uid.clone()))
    };
    let class = classes!(
        "pod",
        format!("pod-{}", name(pod.state)),
        matches!(pod.state, PodState::Pulling { .. }).then_some("pod-pulling"),
        props.is_leaving.then_some("pod-leaving"),
        props.is_selected.then_some("pod-selected"),
    );
    html! {
        <button type="button" {class} {onclick} data-uid={pod.uid.clone()}
            data-state={name(pod.state)} data-node={pod.node.clone()}
            tabindex={if props.is_tab_stop { "0" } else { "-1" }}
            aria-pressed={props.is_selected.to_string()}
            title={pod.name.clone()} disabled={props.is_leaving}
            style={part.map(|part| format!("--part:{part:.3}"))}>
            <span class="pod-frame" />
            { mark(pod.state, ring(pod.state, *now_ms)) }
            <span class="pod-text">
                <span class="pod-name"><span class="pod-prefix">{ prefix }</span>{ suffix }</span>
                { note_view(&note(texts, pod, *now_ms)) }
            </span>
            <span class="visually-hidden">{ format!(" {}", label(texts, pod)) }</span>
        </button>
    }
}
