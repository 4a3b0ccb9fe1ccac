//! A Deployment as a rail on which its ReplicaSets trade Pods between floor and ceiling.

use super::marks::{mark, wide_icon};
use super::pod::{label, ring, short_name};
use crate::locale::Texts;
use crate::picture::model::Picture;
use session::view::{DeploymentPiece, PodPiece, PodState, ReplicaSetPiece, RolloutState};
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

/// What a Pod on a rail needs.
#[derive(Clone, PartialEq, Properties)]
struct PodProps {
    texts: Rc<Texts>,
    pod: Rc<PodPiece>,
    /// Milliseconds since the session began; 0 for Pods on which nothing moves.
    now_ms: u64,
    /// Whether there is room for its name.
    has_name: bool,
    on_select: Callback<String>,
}

/// A Pod on a rail. A component, so that those that are as before are not looked at again.
#[component]
fn RailPod(props: &PodProps) -> Html {
    let PodProps { texts, pod, now_ms, has_name, on_select } = props;
    let uid = pod.uid.clone();
    let onclick = on_select.reform(move |_: MouseEvent| uid.clone());
    let is_live = !matches!(pod.state, PodState::Terminating { .. });
    html! {
        <button type="button" class="rail-pod" {onclick} tabindex="-1"
            data-rail-uid={pod.uid.clone()} data-live={is_live.to_string()}
            aria-label={label(texts, pod)} title={pod.name.clone()}>
            { mark(pod.state, ring(pod.state, *now_ms)) }
            if *has_name { <span>{ short_name(pod).1 }</span> }
        </button>
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
    let count: usize = sets.iter().map(|(_, pods)| pods.len()).sum();
    let slots = count.max(deployment.ceiling as usize).clamp(1, SLOTS_MAX);
    let limit = |at: u32| format!("left:{:.2}%", f64::from(at) / slots as f64 * 100.0);
    let pod = |pod: &Rc<PodPiece>| {
        let moves = matches!(pod.state, PodState::CrashLoop { .. });
        html! {
            <RailPod key={pod.uid.clone()} texts={texts.clone()} pod={pod.clone()}
                now_ms={if moves { *now_ms } else { 0 }} has_name={slots <= NAMES_MAX}
                on_select={on_select.clone()} />
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
