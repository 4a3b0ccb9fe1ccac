//! Pathname expansion.

use super::Shell;
use crate::pattern::Pattern;

/// How many names one pattern may become.
const LIMIT_NAMES: usize = 100_000;

impl Shell {
    /// The files that a pattern matches, in order; none if it matches none.
    pub(crate) fn glob(&self, pattern: &str) -> Vec<String> {
        let start = if pattern.starts_with('/') { "/" } else { "" };
        let mut found = vec![start.to_owned()];
        let components: Vec<&str> = split_components(pattern);
        for (number, component) in components.iter().enumerate() {
            let is_last = number + 1 == components.len();
            let mut next = Vec::new();
            for directory in &found {
                if self.shell_options.globstar && *component == "**" {
                    self.descend(directory, is_last, &mut next, 0);
                } else {
                    self.component(directory, component, is_last, &mut next);
                }
                if next.len() > LIMIT_NAMES {
                    return Vec::new();
                }
            }
            found = next;
        }
        found.sort();
        found
    }

    fn component(&self, directory: &str, component: &str, is_last: bool, next: &mut Vec<String>) {
        let options = self.shell_options;
        let extended = options.extglob;
        let pattern = Pattern::new(component, extended, options.nocaseglob);
        if !pattern.is_special() {
            let path = format!("{directory}{}", pattern.plain_text());
            if component.is_empty() {
                // The pattern ends in a slash: directories only.
                if self.context.is_directory(&path) {
                    next.push(path);
                }
            } else if is_last {
                if self.context.exists(&path) {
                    next.push(path);
                }
            } else if self.context.is_directory(&path) {
                next.push(format!("{path}/"));
            }
            return;
        }
        let place = if directory.is_empty() { "." } else { directory };
        let Ok(names) = self.context.names(place) else {
            return;
        };
        let hidden = pattern.begins_with('.');
        let dots = [".", ".."].into_iter().filter(|_| hidden && !self.dialect.is_bash());
        for name in dots.chain(names.iter().map(|name| &**name)) {
            let shown = !name.starts_with('.') || hidden || options.dotglob;
            if !shown || !pattern.matches(name) {
                continue;
            }
            let path = format!("{directory}{name}");
            if is_last {
                next.push(path);
            } else if self.context.is_directory(&path) {
                next.push(format!("{path}/"));
            }
        }
    }

    /// `**`: this directory and all below it; as the last component also their files.
    fn descend(&self, directory: &str, is_last: bool, next: &mut Vec<String>, depth: u32) {
        if depth > 64 || next.len() > LIMIT_NAMES {
            return;
        }
        if !is_last || !directory.is_empty() {
            next.push(directory.to_owned());
        }
        let place = if directory.is_empty() { "." } else { directory };
        let names = self.context.names(place).unwrap_or_default();
        for name in names.iter().filter(|name| !name.starts_with('.')) {
            let path = format!("{directory}{name}");
            let metadata = self.context.metadata(&path, false);
            if metadata.is_ok_and(|metadata| metadata.is_directory()) {
                if is_last {
                    next.push(path.clone());
                }
                let below = format!("{path}/");
                let first = next.len();
                self.descend(&below, is_last, next, depth + 1);
                if is_last && next.get(first) == Some(&below) {
                    next.remove(first);
                }
            } else if is_last {
                next.push(path);
            }
        }
    }
}

/// Splits at slashes that no backslash quotes and no bracket holds.
fn split_components(pattern: &str) -> Vec<&str> {
    pattern.strip_prefix('/').unwrap_or(pattern).split('/').collect()
}
