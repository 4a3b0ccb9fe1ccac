//! The picture of the cluster.

mod legend;
mod marks;
mod model;
mod motion;
mod node;
mod pod;
mod rail;

pub use legend::Legend;
pub use marks::{icon, mark, sprite};
pub use model::Picture;
pub use node::{bytes, cores};
pub use pod::short_name;

use crate::locale::Texts;
use motion::Places;
use node::NodeTray;
use pod::PodTile;
use rail::Rail;
use session::view::{PodPiece, PodState};
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Compartments that a tray has at least.
const COMPARTMENTS: usize = 4;
/// From so many Pods on a node on, tiles shrink, and shrink again.
const DENSE: usize = 14;
const TINY: usize = 60;
/// How many rails are shown at once.
const RAILS_MAX: usize = 4;

/// What the picture needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// The pieces.
    pub picture: Rc<Picture>,
    /// Milliseconds since the session began.
    pub now_ms: u64,
    /// How fast time runs.
    pub speed: f64,
    /// The uid of what is selected.
    pub selected: Option<String>,
    /// Something is selected.
    pub on_select: Callback<String>,
    /// A command is to be put into the terminal.
    pub on_command: Callback<String>,
}

/// The picture.
#[component]
pub fn PictureView(props: &Props) -> Html {
    let Props { texts, picture, .. } = props;
    let root = use_node_ref();
    let places = use_mut_ref(Places::default);
    {
        let (root, speed) = (root.clone(), props.speed);
        use_effect_with(picture.clone(), move |_| {
            if let Some(root) = root.cast::<Element>() {
                places.borrow_mut().update(&root, speed);
            }
        });
    }
    let onkeydown = {
        let on_select = props.on_select.clone();
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" => on_select.emit(String::new()),
            _ => walk(event),
        })
    };
    let mut rails: Vec<_> = picture.deployments.values().cloned().collect();
    rails.sort_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
    let is_empty = picture.pods.is_empty() && rails.is_empty();
    html! {
        <div class="picture" ref={root} {onkeydown}>
            if is_empty && !picture.nodes.is_empty() { { welcome(props) } }
            { for rails.iter().take(RAILS_MAX).map(|deployment| html! {
                <Rail key={deployment.uid.clone()} texts={texts.clone()} picture={picture.clone()}
                    deployment={deployment.clone()} now_ms={props.now_ms}
                    is_selected={props.selected.as_ref() == Some(&deployment.uid)}
                    on_select={props.on_select.clone()} />
            }) }
            { scheduling(props) }
            { nodes(props) }
        </div>
    }
}

fn tile(props: &Props, pod: Rc<PodPiece>, is_leaving: bool, is_tab_stop: bool) -> Html {
    let moves = model::span(pod.state).is_some();
    let is_selected = props.selected.as_ref() == Some(&pod.uid);
    html! {
        <PodTile key={pod.uid.clone()} texts={props.texts.clone()} {is_leaving} {is_selected}
            now_ms={if moves { props.now_ms } else { 0 }} pod={pod.clone()}
            is_tab_stop={is_tab_stop || is_selected} on_select={props.on_select.clone()} />
    }
}

fn scheduling(props: &Props) -> Html {
    let Props { texts, picture, .. } = props;
    let waiting = picture.waiting();
    let needs = waiting.first().filter(|pod| pod.cpu_milli > 0 || pod.memory_bytes > 0);
    let reason = waiting.iter().map(|pod| pod.message.as_str()).find(|text| !text.is_empty());
    html! {
        <section class={classes!("scheduling", waiting.is_empty().then_some("scheduling-idle"))}
            aria-label={texts.get("scheduling")}>
            <div class="scheduling-words">
                <strong>{ texts.get("scheduling") }</strong>
                if waiting.is_empty() {
                    <span>{ texts.get("scheduling.empty") }</span>
                } else {
                    <span>{ texts.with("scheduling.waits", &[&waiting.len().to_string()]) }</span>
                    if let Some(pod) = needs {
                        <span>{ texts.with("scheduling.needs",
                            &[&cores(pod.cpu_milli), &bytes(pod.memory_bytes)]) }</span>
                    }
                }
            </div>
            if !waiting.is_empty() {
                <div class="scheduling-well">
                    { for waiting.iter().enumerate()
                        .map(|(number, pod)| tile(props, pod.clone(), false, number == 0)) }
                </div>
            }
            if let Some(reason) = reason { <p class="scheduling-reason" lang="en">{ reason }</p> }
        </section>
    }
}

fn nodes(props: &Props) -> Html {
    let Props { texts, picture, selected, .. } = props;
    let mut nodes: Vec<_> = picture.nodes.values().cloned().collect();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    let asking = selected.as_ref().and_then(|uid| picture.pods.get(uid));
    let asking = asking.filter(|pod| pod.state == PodState::Pending).cloned();
    let tray = |node: Rc<session::view::NodePiece>| {
        let places = picture.places(&node.name);
        let density = match places.len() {
            few if few < DENSE => "",
            many if many < TINY => "dense",
            _ => "tiny",
        };
        let tiles = places.iter().enumerate().map(|(number, place)| {
            match place.as_ref().and_then(|uid| picture.pod(uid)) {
                Some((pod, is_leaving)) => tile(props, pod, is_leaving, number == 0),
                None => html! {
                    <span class="slot" key={format!("place-{number}")} aria-hidden="true" />
                },
            }
        });
        html! {
            <NodeTray key={node.uid.clone()} texts={texts.clone()} asking={asking.clone()} {density}
                empty={COMPARTMENTS.saturating_sub(places.len())}
                is_selected={selected.as_ref() == Some(&node.uid)}
                on_select={props.on_select.clone()} node={node.clone()}>
                { for tiles }
            </NodeTray>
        }
    };
    html! { <div class="nodes">{ for nodes.into_iter().map(tray) }</div> }
}

/// What a newcomer sees: nothing runs, and how to begin.
fn welcome(props: &Props) -> Html {
    const COMMAND: &str = "kubectl apply -f nginx.yaml";
    let onclick = props.on_command.reform(|_: MouseEvent| COMMAND.to_owned());
    let texts = &props.texts;
    html! {
        <section class="welcome">
            <div>
                <strong>{ texts.get("empty.title") }</strong>
                <span>{ texts.get("empty.body") }</span>
            </div>
            <code>{ COMMAND }</code>
            <button type="button" class="button button-primary" {onclick}>
                { texts.get("empty.try") }
            </button>
        </section>
    }
}

/// Arrow keys walk among the tiles.
fn walk(event: KeyboardEvent) {
    let by: i32 = match event.key().as_str() {
        "ArrowRight" | "ArrowDown" => 1,
        "ArrowLeft" | "ArrowUp" => -1,
        _ => return,
    };
    let Some(root) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok())
    else {
        return;
    };
    let Ok(tiles) = root.query_selector_all(".pod:not([disabled])") else {
        return;
    };
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let tiles: Vec<HtmlElement> =
        (0..tiles.length()).filter_map(|number| tiles.item(number)?.dyn_into().ok()).collect();
    let here = tiles.iter().position(|tile| target.as_ref() == Some(tile.as_ref()));
    if let Some(here) = here
        && let Some(next) = tiles.get(here.wrapping_add_signed(by as isize))
    {
        event.prevent_default();
        let _ = next.focus();
    }
}
