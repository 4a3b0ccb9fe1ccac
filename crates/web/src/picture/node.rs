//! A node as a tray with compartments, and its gauges.

use crate::locale::Texts;
use session::view::{Gauge, NodePiece, PodPiece};
use std::rc::Rc;
use yew::prelude::*;

/// Cells of a gauge.
const CELLS: i64 = 20;

/// Processor time as people write it: `250m`, `3.2`.
pub fn cores(milli: i64) -> String {
    match milli {
        0 => "0".to_owned(),
        small if small < 1_000 => format!("{small}m"),
        whole if whole % 1_000 == 0 => (whole / 1_000).to_string(),
        other => format!("{:.1}", other as f64 / 1_000.0),
    }
}

/// Memory as people write it: `64Mi`, `7.7Gi`.
pub fn bytes(bytes: i64) -> String {
    const MEBI: i64 = 1 << 20;
    match bytes {
        0 => "0".to_owned(),
        small if small < 1 << 30 => format!("{}Mi", small / MEBI),
        other => format!("{:.1}Gi", other as f64 / (1 << 30) as f64),
    }
}

/// The words for how a node is, and its class.
pub fn condition(texts: &Texts, node: &NodePiece) -> (String, &'static str) {
    if !node.is_ready {
        return (texts.get("node.notready").to_owned(), "lost");
    }
    if !node.pressure.is_empty() {
        return (node.pressure.clone(), "pressed");
    }
    if node.is_cordoned {
        return (texts.get("node.cordoned").to_owned(), "cordoned");
    }
    (texts.get("node.ready").to_owned(), "ready")
}

/// A gauge; past its end, what a Pod that waits would add.
pub fn gauge(
    label: &'static str,
    gauge: Gauge,
    asked: Option<i64>,
    write: fn(i64) -> String,
) -> Html {
    let cells = |amount: i64| match gauge.allocatable {
        0 => 0,
        all => ((amount * CELLS + all / 2) / all).max(i64::from(amount > 0)),
    };
    let filled = cells(gauge.requested).min(CELLS);
    let bracket = asked.filter(|asked| *asked > 0).map(|asked| {
        let does_fit = gauge.requested + asked <= gauge.allocatable;
        let width = (asked as f64 / gauge.allocatable.max(1) as f64 * 100.0).min(60.0);
        let from = (gauge.requested as f64 / gauge.allocatable.max(1) as f64 * 100.0).min(100.0);
        html! {
            <span class={classes!("gauge-asked", (!does_fit).then_some("gauge-over"))}
                style={format!("left:{from:.1}%;width:{width:.1}%")} />
        }
    });
    let value = format!("{}/{}", write(gauge.requested), write(gauge.allocatable));
    html! {
        <div class="gauge">
            <span class="gauge-label">{ label }</span>
            <span class="gauge-cells" aria-hidden="true">
                { for (0..CELLS).map(|cell| html! {
                    <i class={(cell < filled).then_some("on")} />
                }) }
                { bracket }
            </span>
            <span class="gauge-value">{ value }</span>
        </div>
    }
}

/// What a tray needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// The node.
    pub node: Rc<NodePiece>,
    /// A Pod that waits and is selected.
    pub asking: Option<Rc<PodPiece>>,
    /// Compartments beyond those with Pods.
    pub empty: usize,
    /// How densely Pods lie.
    pub density: &'static str,
    /// Whether it is selected.
    pub is_selected: bool,
    /// It is selected.
    pub on_select: Callback<String>,
    /// The tiles.
    pub children: Html,
}

/// A tray.
#[component]
pub fn NodeTray(props: &Props) -> Html {
    let Props { texts, node, .. } = props;
    let (word, class) = condition(texts, node);
    let onclick = {
        let (uid, on_select) = (node.uid.clone(), props.on_select.clone());
        Callback::from(move |_: MouseEvent| on_select.emit(uid.clone()))
    };
    let asked = props.asking.as_ref().map(|pod| (pod.cpu_milli, pod.memory_bytes));
    html! {
        <section class={classes!("node", format!("node-{class}"), props.density)}
            aria-label={node.name.clone()} data-node={node.name.clone()}>
            <div class="node-well">
                { props.children.clone() }
                { for (0..props.empty).map(|number| html! {
                    <span class="slot" key={format!("slot-{number}")} aria-hidden="true" />
                }) }
            </div>
            <div class="node-lip">
                <button type="button" class="node-name" {onclick}
                    aria-pressed={props.is_selected.to_string()}>
                    <span class="node-mark" aria-hidden="true" />
                    <span>{ &node.name }</span>
                    <span class="node-word">{ word }</span>
                </button>
                { gauge(texts.get("node.cpu"), node.cpu, asked.map(|a| a.0), cores) }
                { gauge(texts.get("node.memory"), node.memory, asked.map(|a| a.1), bytes) }
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_as_people_write_them() {
        assert_eq!([0, 250, 2_000, 3_200].map(cores), ["0", "250m", "2", "3.2"]);
        assert_eq!([0, 64 << 20, 8_320_434_176].map(bytes), ["0", "64Mi", "7.7Gi"]);
    }
}
