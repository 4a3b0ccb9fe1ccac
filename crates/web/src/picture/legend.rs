//! What the marks mean, in Kubernetes's own words.

use super::marks::mark;
use crate::locale::Texts;
use session::view::PodState;
use std::rc::Rc;
use yew::prelude::*;

const MEANINGS: [(PodState, &str); 10] = [
    (PodState::Pending, "Pending"),
    (PodState::Creating, "ContainerCreating"),
    (PodState::NotReady, "Running, 0/1"),
    (PodState::Ready, "Running, 1/1"),
    (PodState::Crashed, "CrashLoopBackOff, Error"),
    (PodState::CreateError, "ImagePullBackOff, ErrImagePull"),
    (PodState::Terminating { from_ms: 0, to_ms: 0 }, "Terminating"),
    (PodState::Succeeded, "Completed"),
    (PodState::Failed, "Failed"),
    (PodState::Unknown, "Unknown"),
];

/// What the legend needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
}

/// The legend, which opens when it is asked for.
#[component]
pub fn Legend(props: &Props) -> Html {
    html! {
        <details class="legend">
            <summary>{ props.texts.get("legend") }</summary>
            <ul class="popup" lang="en">
                { for MEANINGS.into_iter().map(|(state, words)| html! {
                    <li>{ mark(state, None) }<span>{ words }</span></li>
                }) }
            </ul>
        </details>
    }
}
