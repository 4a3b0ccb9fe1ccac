//! The inspector: what kubectl says about what is selected.

use crate::locale::Texts;
use crate::picture::{Picture, icon, mark, short_name};
use session::view::PodPiece;
use session::{Aspect, ObjectName};
use std::rc::Rc;
use yew::prelude::*;

/// What is selected.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The object.
    pub object: ObjectName,
    /// The Pod, if it is one.
    pub pod: Option<Rc<PodPiece>>,
    /// A line about it.
    pub summary: String,
}

/// What the inspector needs.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The texts.
    pub texts: Rc<Texts>,
    /// What is selected.
    pub subject: Subject,
    /// What is shown of it.
    pub aspect: Aspect,
    /// What kubectl printed.
    pub answer: Option<AttrValue>,
    /// Another aspect is chosen.
    pub on_aspect: Callback<Aspect>,
    /// It is closed.
    pub on_close: Callback<()>,
}

const ASPECTS: [(Aspect, &str); 4] = [
    (Aspect::Describe, "inspector.describe"),
    (Aspect::Yaml, "inspector.yaml"),
    (Aspect::Events, "inspector.events"),
    (Aspect::Logs, "inspector.logs"),
];

/// The inspector.
#[component]
pub fn Inspector(props: &Props) -> Html {
    let Props { texts, subject, .. } = props;
    let (prefix, suffix) = match &subject.pod {
        Some(pod) => {
            let suffix = short_name(pod).1;
            (pod.name.trim_end_matches(suffix.as_str()).to_owned(), suffix)
        }
        None => (String::new(), subject.object.name.clone()),
    };
    let close = props.on_close.reform(|_: MouseEvent| ());
    let escape = {
        let on_close = props.on_close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                on_close.emit(());
            }
        })
    };
    let aspects =
        ASPECTS.into_iter().filter(|(aspect, _)| *aspect != Aspect::Logs || subject.pod.is_some());
    html! {
        <aside class="inspector" aria-label={texts.get("inspector")} onkeydown={escape}>
            <header class="inspector-head">
                if let Some(pod) = &subject.pod { { mark(pod.state, None) } }
                <div>
                    <h2>{ prefix }<b>{ suffix }</b></h2>
                    <p>{ &subject.summary }</p>
                </div>
                <button type="button" class="icon-button" onclick={close}
                    aria-label={texts.get("inspector.close")}>{ icon("close") }</button>
            </header>
            <div class="tabs" role="tablist" aria-label={texts.get("inspector")}>
                { for aspects.map(|(aspect, name)| tab(props, aspect, name)) }
            </div>
            <div class="inspector-body" role="tabpanel" id="inspector-panel" tabindex="0"
                aria-label={texts.get(ASPECTS.iter()
                    .find(|(aspect, _)| *aspect == props.aspect).map_or("inspector", |a| a.1))}>
                if let Some(answer) = &props.answer {
                    <pre lang="en">{ for answer.lines().map(line) }</pre>
                } else {
                    <p class="inspector-waiting">{ texts.get("inspector.waiting") }</p>
                }
            </div>
        </aside>
    }
}

fn tab(props: &Props, aspect: Aspect, name: &'static str) -> Html {
    let is_chosen = aspect == props.aspect;
    let onclick = props.on_aspect.reform(move |_: MouseEvent| aspect);
    html! {
        <button type="button" role="tab" aria-selected={is_chosen.to_string()} {onclick}
            aria-controls="inspector-panel">{ props.texts.get(name) }</button>
    }
}

/// A line of what kubectl printed, its field's name set apart.
fn line(line: &str) -> Html {
    let words_of_trouble = ["Warning", "Failed", "BackOff", "ErrImagePull", "Error:"];
    let is_trouble = line.split_whitespace().take(2).any(|word| words_of_trouble.contains(&word));
    let indent = line.len() - line.trim_start().len();
    let key = line[indent..].find(':').map(|at| indent + at + 1).filter(|end| {
        let key = &line[indent..*end];
        key.len() < 40 && (line.len() == *end || line[*end..].starts_with(' '))
    });
    html! {
        <div class={is_trouble.then_some("trouble")}>
            if let Some(end) = key {
                <span class="key">{ line[..end].to_owned() }</span>{ line[end..].to_owned() }
            } else {
                { line.to_owned() }
            }
            { "\n" }
        </div>
    }
}

impl Subject {
    /// The object that a piece of the picture stands for.
    pub fn find(uid: &str, picture: &Picture) -> Option<Subject> {
        let object = |kind: &str, namespace: &str, name: &str| ObjectName {
            kind: kind.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        if let Some(pod) = picture.pods.get(uid) {
            let summary =
                format!("{} · {}/{} · {}", pod.reason, pod.ready, pod.containers, pod.node);
            return Some(Subject {
                object: object("pod", &pod.namespace, &pod.name),
                pod: Some(pod.clone()),
                summary: summary.trim_end_matches(" · ").to_owned(),
            });
        }
        if let Some(node) = picture.nodes.get(uid) {
            let summary = format!("Node · {} Pods", node.pods.requested);
            return Some(Subject { object: object("node", "", &node.name), pod: None, summary });
        }
        let deployment = picture.deployments.get(uid)?;
        Some(Subject {
            object: object("deployment", &deployment.namespace, &deployment.name),
            pod: None,
            summary: format!("Deployment · {}/{}", deployment.ready, deployment.desired),
        })
    }
}
