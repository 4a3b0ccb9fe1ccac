//! `kubectl auth can-i --list`

use crate::client::Call;
use crate::errors::Result;
use crate::invocation::Invocation;
use crate::print::TabWriter;
use api::{Value, object};
use std::collections::BTreeMap;

/// One line of the list.
#[derive(Debug, PartialEq, Eq)]
struct Rule {
    verbs: Vec<String>,
    group: String,
    resource: String,
    names: Vec<String>,
    path: String,
}

pub(super) async fn run(invocation: &Invocation) -> Result {
    let review = object! {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "metadata": object! { "creationTimestamp": Value::Null },
        "spec": object! { "namespace": invocation.namespace()? },
        "status": object! {
            "incomplete": false,
            "nonResourceRules": Value::Null,
            "resourceRules": Value::Null,
        },
    };
    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let answer = invocation.client()?.value(Call::post(path, review)).await?;
    let status = &answer["status"];
    if status["incomplete"].as_bool() == Some(true) {
        let why = status["evaluationError"].as_str().unwrap_or_default();
        invocation.complain(format!("warning: the list may be incomplete: {why}"));
    }
    let mut rules = compact(status);
    rules.sort_by_key(Rule::sort_key);
    let mut writer = TabWriter::for_tables();
    if !invocation.flags.bool("no-headers") {
        writer.row(["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]);
    }
    for rule in &rules {
        writer.row(rule.cells());
    }
    invocation.context.put(writer.flush());
    Ok(())
}

fn texts(value: &Value) -> Vec<String> {
    crate::discovery::texts(value)
}

/// The rules taken apart, and the verbs for the same resource put together again.
fn compact(status: &Value) -> Vec<Rule> {
    let mut rules = Vec::new();
    let mut by_resource: BTreeMap<(String, String, Option<String>), Vec<String>> = BTreeMap::new();
    for rule in status["resourceRules"].items() {
        let mut names: Vec<Option<String>> =
            texts(&rule["resourceNames"]).into_iter().map(Some).collect();
        if names.is_empty() {
            names.push(None);
        }
        for group in texts(&rule["apiGroups"]) {
            for resource in texts(&rule["resources"]) {
                for name in &names {
                    let key = (group.clone(), resource.clone(), name.clone());
                    let verbs = by_resource.entry(key).or_default();
                    for verb in texts(&rule["verbs"]) {
                        if !verbs.contains(&verb) {
                            verbs.push(verb);
                        }
                    }
                }
            }
        }
    }
    for rule in status["nonResourceRules"].items() {
        for path in texts(&rule["nonResourceURLs"]) {
            for verb in texts(&rule["verbs"]) {
                let (group, resource) = (String::new(), String::new());
                let path = path.clone();
                rules.push(Rule { verbs: vec![verb], group, resource, names: Vec::new(), path });
            }
        }
    }
    rules.extend(by_resource.into_iter().map(|((group, resource, name), verbs)| Rule {
        verbs,
        group,
        resource,
        names: name.into_iter().collect(),
        path: String::new(),
    }));
    rules
}

impl Rule {
    /// The real kubectl sorts by the text that Go prints for a rule.
    fn sort_key(&self) -> String {
        format!(
            "Verbs:[{}],APIGroups:[{}],Resources:[{}],ResourceNames:[{}],NonResourceURLs:[{}],",
            self.verbs.join(" "),
            self.group,
            self.resource,
            self.names.join(" "),
            self.path
        )
    }

    fn cells(&self) -> [String; 4] {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, format!("/{subresource}")),
            None => (self.resource.as_str(), String::new()),
        };
        let dot = if self.group.is_empty() { "" } else { "." };
        [
            format!("{resource}{dot}{}{subresource}", self.group),
            format!("[{}]", self.path),
            format!("[{}]", self.names.join(" ")),
            format!("[{}]", self.verbs.join(" ")),
        ]
    }
}
