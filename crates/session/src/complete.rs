//! How a line that somebody is typing could go on.

use crate::Session;
use kinds::Kind;
use shell::{WordKind, completion};
use std::collections::BTreeSet;
use workstation::HOME;

/// How many words are offered.
const WORDS_MAX: usize = 64;
/// kubectl's commands that a learner needs; those with subcommands follow below.
const COMMANDS: &[&str] = &[
    "annotate",
    "api-resources",
    "apply",
    "autoscale",
    "cluster-info",
    "config",
    "cordon",
    "cp",
    "create",
    "delete",
    "describe",
    "diff",
    "drain",
    "edit",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "label",
    "logs",
    "patch",
    "port-forward",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
];
const SUBCOMMANDS: &[(&str, &[&str])] = &[
    ("rollout", &["history", "pause", "restart", "resume", "status", "undo"]),
    ("set", &["env", "image", "resources", "selector", "serviceaccount", "subject"]),
    ("create", &["configmap", "deployment", "job", "namespace", "secret", "service"]),
    ("config", &["current-context", "get-contexts", "use-context", "view"]),
];
/// Commands whose objects are Pods unless another kind is named.
const POD_COMMANDS: &[&str] = &["logs", "exec", "port-forward", "attach", "cp"];
/// Flags that are followed by a file.
const FILE_FLAGS: &[&str] = &["-f", "--filename", "-k"];

/// Words that could stand at the cursor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Where the word begins in the line, in bytes.
    pub start: usize,
    /// The whole words, each with a space after it unless more can follow.
    pub words: Vec<String>,
}

impl Session {
    /// How a line could go on at byte `cursor`.
    pub fn complete(&self, line: &str, cursor: usize) -> Completions {
        let found = completion(line, cursor);
        let mut start = found.start;
        let before: Vec<&str> = found.command.iter().map(String::as_str).collect();
        let words = match found.kind {
            WordKind::Command => self.programs(),
            WordKind::Variable => {
                self.workstation().environment().iter().map(|(name, _)| name.to_owned()).collect()
            }
            WordKind::Redirection => self.paths(&found.word),
            WordKind::Argument => match before.as_slice() {
                ["kubectl" | "k", rest @ ..] => {
                    let words = self.kubectl(rest, &found.word);
                    // `deployment/na`: what is offered replaces the part after the slash.
                    if let Some((kind, _)) = found.word.split_once('/')
                        && !words.iter().any(|word| word.starts_with(kind))
                    {
                        start += kind.len() + 1;
                    }
                    words
                }
                _ => self.paths(&found.word),
            },
        };
        let typed = line.get(start..cursor).unwrap_or_default();
        let mut words: Vec<_> = words.into_iter().filter(|word| word.starts_with(typed)).collect();
        words.sort();
        words.dedup();
        words.truncate(WORDS_MAX);
        for word in words.iter_mut().filter(|word| !word.ends_with(['/', '='])) {
            word.push(' ');
        }
        Completions { start, words }
    }

    fn programs(&self) -> Vec<String> {
        let files = self.workstation().machine().files();
        let mut names = BTreeSet::from(["cd".to_owned(), "export".to_owned()]);
        for directory in ["/usr/local/bin", "/usr/bin", "/bin"] {
            let found = files.root().names(directory).unwrap_or_default();
            names.extend(found.iter().map(|name| name.to_string()));
        }
        names.into_iter().filter(|name| name != "[").collect()
    }

    fn paths(&self, word: &str) -> Vec<String> {
        let directory = word.rsplit_once('/').map_or("", |(directory, _)| directory);
        let prefix = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let files = self.workstation().machine().files();
        let root = files.root();
        let absolute = shell::fs::join(HOME, directory);
        let names = root.names(&absolute).unwrap_or_default();
        let visible = names.iter().filter(|name| !name.starts_with('.'));
        let path = |name: &std::rc::Rc<str>| {
            let metadata = root.metadata(&shell::fs::join(&absolute, name));
            let slash = if metadata.is_ok_and(|found| found.is_directory()) { "/" } else { "" };
            format!("{prefix}{name}{slash}")
        };
        visible.map(path).collect()
    }

    fn kubectl(&self, before: &[&str], word: &str) -> Vec<String> {
        if before.last().is_some_and(|last| FILE_FLAGS.contains(last)) {
            return self.paths(word);
        }
        if let Some("-n" | "--namespace") = before.last().copied() {
            return self.names_of("namespace", None);
        }
        let namespace = before.iter().zip(before.iter().skip(1));
        let namespace = namespace.filter(|(flag, _)| ["-n", "--namespace"].contains(flag));
        let namespace = namespace.map(|(_, name)| *name).next_back().unwrap_or("default");
        let mut operands = before.iter().filter(|word| !word.starts_with('-'));
        let Some(command) = operands.next() else {
            return COMMANDS.iter().map(|&name| name.to_owned()).collect();
        };
        let mut rest: Vec<_> = operands.collect();
        if let Some((_, subcommands)) = SUBCOMMANDS.iter().find(|(name, _)| name == command) {
            if rest.is_empty() {
                return subcommands.iter().map(|&name| name.to_owned()).collect();
            }
            rest.remove(0);
        }
        if POD_COMMANDS.contains(command) && !word.contains('/') {
            return self.names_of("pod", Some(namespace));
        }
        match (rest.first(), word.split_once('/')) {
            (_, Some((kind, _))) => self.names_of(kind, Some(namespace)),
            (None, None) => self.kinds(),
            (Some(kind), None) => self.names_of(kind, Some(namespace)),
        }
    }

    fn kinds(&self) -> Vec<String> {
        let server = self.cluster().server().borrow();
        server.registry().kinds().iter().map(|kind| kind.plural.to_owned()).collect()
    }

    fn names_of(&self, kind: &str, namespace: Option<&str>) -> Vec<String> {
        let server = self.cluster().server().borrow();
        let is_named = |known: &&&'static Kind| {
            known.plural == kind || known.singular == kind || known.short_names.contains(&kind)
        };
        let Some(kind) = server.registry().kinds().iter().find(is_named) else {
            return Vec::new();
        };
        let resource = server.registry().resource(kind);
        let namespace = namespace.filter(|_| kind.is_namespaced);
        let objects = server.store().list(resource, namespace).take(WORDS_MAX * 4);
        objects.map(|stored| kinds::table::metadata(&stored.object).name().to_owned()).collect()
    }
}
