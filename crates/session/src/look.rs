//! Looking at objects through kubectl, without the session noticing.
//!
//! The commands run on a desk of their own, beside the session and on a clock of their own, which
//! begins at the present instant and is thrown away. They only read, so that nothing of what they
//! do is left.

use crate::Session;
use serde::{Deserialize, Serialize};
use shell::Capture;
use sim::{Duration, Sim};
use workstation::{Desk, Workstation};

/// How much of an answer is kept.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a command may take on its own clock.
const TIME_MAX: Duration = Duration::from_secs(30);

/// What there is to know of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aspect {
    /// `kubectl describe`
    Describe,
    /// `kubectl get -o yaml`
    Yaml,
    /// `kubectl get events --for`
    Events,
    /// `kubectl logs`
    Logs,
}

/// The name of an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectName {
    /// The kind as kubectl takes it: `pod`.
    pub kind: String,
    /// The namespace; empty if the kind has none.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Aspect {
    fn line(self, object: &ObjectName) -> String {
        let ObjectName { kind, namespace, name } = object;
        let namespace = match namespace.as_str() {
            "" => String::new(),
            namespace => format!(" -n '{namespace}'"),
        };
        match self {
            Aspect::Describe => format!("kubectl describe {kind} '{name}'{namespace}"),
            Aspect::Yaml => format!("kubectl get {kind} '{name}'{namespace} -o yaml"),
            Aspect::Events => format!(
                "kubectl get events{} --field-selector involvedObject.name='{name}'",
                if namespace.is_empty() { " -A" } else { &namespace }
            ),
            Aspect::Logs => format!("kubectl logs '{name}'{namespace} --all-containers --tail=500"),
        }
    }
}

impl Session {
    /// What kubectl prints about an object at this instant.
    pub fn look(&self, object: &ObjectName, aspect: Aspect) -> String {
        let is_quotable = [&object.kind, &object.namespace, &object.name]
            .iter()
            .all(|word| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:".contains(&b)));
        if !is_quotable {
            return String::new();
        }
        let sim = Sim::new(0, self.now());
        let desk =
            Desk { cluster: self.cluster().config().name.clone(), columns: 120, ..Desk::default() };
        let workstation =
            Workstation::new(&sim, self.cluster().server(), self.cluster().network(), &desk);
        let capture = Capture::new(ANSWER_BYTES_MAX);
        let line = aspect.line(object);
        let Ok(child) = workstation.start_line(&line, &[], capture.clone()) else {
            return String::new();
        };
        let limit = self.now() + TIME_MAX;
        while child.status().is_none() && sim.next(limit).is_some() {}
        String::from_utf8_lossy(&capture.take()).into_owned()
    }
}
