//! What somebody does on a first visit, as the page would tell the worker.
//!
//! The published module is in two parts, of which a visit loads the second when something in it is
//! called. The build plays a story (`crates/web/rehearsal.txt`) to a worker under Node
//! (`tools/bindgen/rehearse.mjs`) and leaves in the first part what it calls. It is no test: what
//! it leaves out works too, a moment later. The published module does not export these functions.

use crate::app::samples;
use crate::protocol::{Report, Request, decode, encode};
use session::{Aspect, Input, ObjectName};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

/// When the sessions of the story begin, and how much later those with the next seed do.
const BEGIN_SECONDS: u64 = 1_795_435_200;
const BEGIN_STEP_SECONDS: u64 = 9_000_017;
/// What a line of the story says for the Pod that was seen last.
const POD: &str = "$POD";

/// What the worker has reported.
#[derive(Default)]
struct Heard {
    saved: Option<Vec<u8>>,
    pod: String,
}

thread_local! {
    static HEARD: RefCell<Heard> = RefCell::default();
}

/// Hears what the worker reports.
#[wasm_bindgen]
pub fn rehearsal_hear(reports: &[u8]) {
    let reports: Vec<Report> = decode(reports).unwrap_or_default();
    HEARD.with_borrow_mut(|heard| {
        for report in reports {
            match report {
                Report::Saved(bytes) => heard.saved = Some(bytes),
                Report::Changes(changes) => {
                    if let Some(pod) = changes.pods.last() {
                        heard.pod.clone_from(&pod.name);
                    }
                }
                _ => {}
            }
        }
    });
}

/// The request that a line of the story stands for; nothing for a line that stands for none.
#[wasm_bindgen]
pub fn rehearsal_request(line: &str) -> Option<Vec<u8>> {
    let line = HEARD.with_borrow(|heard| line.replace(POD, &heard.pod));
    request(&line).map(|request| encode(&request))
}

fn request(line: &str) -> Option<Request> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    Some(match verb {
        "begin" => begin(rest.parse().unwrap_or_default(), None),
        "reload" => begin(0, HEARD.with_borrow(|heard| heard.saved.clone())),
        "type" => typed(format!("{rest}\n").into_bytes()),
        "interrupt" => typed(vec![3]),
        "resize" => {
            let columns = rest.parse().unwrap_or(100);
            Request::Input(Input::ResizeTerminal { terminal: 0, columns, rows: 24 })
        }
        "save" => {
            let (path, text) = rest.split_once(' ').unwrap_or((rest, ""));
            Request::Input(Input::WriteFile { path: path.to_owned(), bytes: text.into() })
        }
        "complete" => {
            Request::Complete { number: 1, line: rest.to_owned(), cursor: rest.len() as u32 }
        }
        "look" => look(rest)?,
        "speed" => Request::Speed(rest.parse().unwrap_or(1.0)),
        "step" => Request::Step,
        "panic" => Request::Panic,
        _ => return None,
    })
}

fn begin(seed: u64, saved: Option<Vec<u8>>) -> Request {
    let now_seconds = BEGIN_SECONDS + seed % 1_000 * BEGIN_STEP_SECONDS;
    Request::Begin { seed, now_seconds, files: samples(), saved }
}

fn typed(bytes: Vec<u8>) -> Request {
    Request::Input(Input::Type { terminal: 0, bytes })
}

/// `KIND NAME ASPECT`
fn look(words: &str) -> Option<Request> {
    let [kind, name, aspect] = words.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let namespace = if kind == "node" { "" } else { "default" };
    let aspect = match aspect {
        "describe" => Aspect::Describe,
        "yaml" => Aspect::Yaml,
        "events" => Aspect::Events,
        _ => Aspect::Logs,
    };
    let object = ObjectName {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    Some(Request::Look { number: 1, object, aspect })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_story_is_understood() {
        let story = include_str!("../rehearsal.txt");
        for line in story.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let waits = line.strip_prefix("wait ").is_some_and(|s| s.parse::<f64>().is_ok());
            assert!(waits || request(line).is_some(), "{line}");
        }
    }
}
