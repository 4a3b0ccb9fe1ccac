//! A Deployment as a rail on which its ReplicaSets trade Pods between floor and ceiling.

use super::marks::{mark, wide_icon};
use super::pod::{label, ring, short_name};
use crate::locale::Texts;
use crate::picture::model::Picture;
use session::view::{DeploymentPiece, PodState, ReplicaSetPiece, RolloutState};
use std::rc::Rc;
use yew::prelude::*;

/// From so many slots on, Pods are shown as marks alone.
const NAMES_MAX: usize = 6;
/// The most slots that are drawn.
const SLOTS_MAX: usize = 40;

/// What a rail needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// The picture.
    pub picture: Rc<Picture>,
    /// The Deployment.
    pub deployment: Rc<DeploymentPiece>,
    /// Milliseconds since the session began.
    pub now_ms: u64,
    /// Whether it is selected.
    pub is_selected: bool,
    /// Something on it is selected.
    pub on_select: Callback<String>,
}

fn words(state: RolloutState) -> (&'static str, &'static str) {
    match state {
        RolloutState::Complete => ("rollout.complete", "rollout.complete.body"),
        RolloutState::Progressing => ("rollout.progressing", "rollout.progressing.body"),
        RolloutState::Held => ("rollout.held", "rollout.held.body"),
        RolloutState::DeadlineExceeded => ("rollout.late", "rollout.late.body"),
        RolloutState::Paused => ("rollout.paused", "rollout.paused.body"),
    }
}

/// A rail.
#[component]
pub fn Rail(props: &Props) -> Html {
    let Props { texts, deployment, .. } = props;
    let state = deployment.state;
    let is_quiet = state == RolloutState::Complete;
    let onclick = {
        let (uid, on_select) = (deployment.uid.clone(), props.on_select.clone());
        Callback::from(move |_: MouseEvent| on_select.emit(uid.clone()))
    };
    let (title, mut body) = words(state);
    if state == RolloutState::Progressing && deployment.replica_sets.len() < 2 {
        body = "rollout.starting.body";
    }
    let is_bad = matches!(state, RolloutState::Held | RolloutState::DeadlineExceeded);
    let number = |count: u32| count.to_string();
    let unready = deployment.desired.saturating_sub(deployment.ready);
    html! {
        <section class={classes!("rail", is_quiet.then_some("rail-quiet"))}
            data-rollout={title} aria-label={format!("Deployment {}", deployment.name)}>
            <button type="button" class="rail-head" {onclick}
                aria-pressed={props.is_selected.to_string()}>
                <span class="rail-kind">{ texts.get("rail.kind") }</span>
                <span class="rail-name">{ &deployment.name }</span>
                <span class="rail-fact">
                    { texts.with("rail.want", &[&number(deployment.desired)]) }{ " · " }
                    { texts.with("rail.revision", &[&number(deployment.revision)]) }
                </span>
                <span class="rail-fact">
                    { texts.with("rail.ready", &[&number(deployment.ready)]) }
                    if unready > 0 {
                        { " · " }
                        <b>{ texts.with("rail.notready", &[&number(unready)]) }</b>
                    }
                </span>
            </button>
            { track(props) }
            <div class={classes!("rail-state", is_bad.then_some("rail-bad"))}>
                if !is_quiet { { wide_icon(if is_bad { "held" } else { "rolling" }) } }
                <strong>{ texts.get(title) }</strong>
                <span>{ texts.get(body) }</span>
            </div>
        </section>
    }
}

/// The track with its slots, limits and brackets.
fn track(props: &Props) -> Html {
    let Props { texts, picture, deployment, now_ms, on_select, .. } = props;
    let sets: Vec<_> = deployment
        .replica_sets
        .iter()
        .map(|set| (set, picture.owned(&deployment.namespace, &set.name)))
        .filter(|(set, pods)| !pods.is_empty() || set.desired > 0)
        .collect();
    let live = |state: PodState| !matches!(state, PodState::Terminating { .. });
    let count: usize = sets.iter().map(|(_, pods)| pods.len()).sum();
    let slots = count.max(deployment.ceiling as usize).clamp(1, SLOTS_MAX);
    let limit = |at: u32| format!("left:{:.2}%", f64::from(at) / slots as f64 * 100.0);
    let pod = |pod: &Rc<session::view::PodPiece>| {
        let (uid, on_select) = (pod.uid.clone(), on_select.clone());
        let onclick = Callback::from(move |_: MouseEvent| on_select.emit(uid.clone()));
        let suffix = short_name(pod).1;
        html! {
            <button type="button" class="rail-pod" key={pod.uid.clone()} {onclick} tabindex="-1"
                data-rail-uid={pod.uid.clone()} data-live={live(pod.state).to_string()}
                aria-label={label(texts, pod)} title={pod.name.clone()}>
                { mark(pod.state, ring(pod.state, *now_ms)) }
                if slots <= NAMES_MAX { <span>{ suffix }</span> }
            </button>
        }
    };
    let bracket = |set: &ReplicaSetPiece, pods: usize| {
        let is_bad = set.ready < set.desired;
        html! {
            <span class="rail-bracket" style={format!("flex:{} 0 0", pods.max(1))}>
                <span>{ texts.with("rail.revision", &[&set.revision.to_string()]) }</span>
                <b>{ &set.hash }</b>
                <span class={is_bad.then_some("rail-short")}>
                    { format!("{}/{}", set.ready, set.desired) }
                </span>
            </span>
        }
    };
    let empty = slots.saturating_sub(count);
    html! {
        <div class="rail-track" style={format!("--slots:{slots}")}>
            <div class="rail-limits" aria-hidden="true">
                <span class="rail-limit rail-floor" style={limit(deployment.floor)}>
                    <em>{ texts.with("rail.floor", &[&deployment.floor.to_string()]) }
                        if !deployment.is_recreate {
                            <i>{ " · " }{ texts.with("rail.unavailable", &[&deployment.max_unavailable]) }</i>
                        }
                    </em>
                </span>
                <span class="rail-limit rail-ceiling" style={limit(deployment.ceiling)}>
                    <em>{ texts.with("rail.ceiling", &[&deployment.ceiling.to_string()]) }
                        if !deployment.is_recreate {
                            <i>{ " · " }{ texts.with("rail.surge", &[&deployment.max_surge]) }</i>
                        }
                    </em>
                </span>
            </div>
            <div class="rail-slots">
                { for sets.iter().flat_map(|(_, pods)| pods).take(SLOTS_MAX).map(pod) }
                { for (0..empty).map(|number| html! {
                    <span class="rail-empty" key={format!("empty-{number}")} />
                }) }
            </div>
            <div class="rail-brackets">
                { for sets.iter().map(|(set, pods)| bracket(set, pods.len())) }
                if empty > 0 { <span style={format!("flex:{empty} 0 0")} /> }
            </div>
        </div>
    }
}
