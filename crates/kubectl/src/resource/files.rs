//! Which files `-f` means.

use crate::errors::{Result, bail, error, quote};
use crate::invocation::go_errno;
use shell::{Context, Errno};

/// Files within directories are taken if they end so.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// How deep directories are searched.
const DEPTH_MAX: usize = 32;

/// The files that an argument of `-f` stands for, in order.
pub(super) fn expand(context: &Context, path: &str, recursive: bool) -> Result<Vec<String>> {
    if path.starts_with("http://") || path.starts_with("https://") {
        let host = path.split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default();
        bail!("Get {}: dial tcp: lookup {host}: no such host", quote(path));
    }
    let matches = match context.metadata(path, true) {
        Ok(_) => vec![path.to_owned()],
        Err(_) => glob(context, path),
    };
    if matches.is_empty() {
        return match context.metadata(path, true) {
            Err(Errno::EACCES) => Err(error!(
                "the path {} cannot be accessed: stat {path}: permission denied",
                quote(path)
            )),
            _ => Err(error!("the path {} does not exist", quote(path))),
        };
    }
    let mut files = Vec::new();
    for found in &matches {
        if context.is_directory(found) {
            walk(context, found, recursive, 0, &mut files)?;
        } else {
            files.push(found.clone());
        }
    }
    if files.is_empty() {
        let extensions = EXTENSIONS.join(" ");
        bail!("error reading [{path}]: recognized file extensions are [{extensions}]");
    }
    Ok(files)
}

fn walk(
    context: &Context,
    directory: &str,
    recursive: bool,
    depth: usize,
    files: &mut Vec<String>,
) -> Result {
    if depth > DEPTH_MAX {
        return Ok(());
    }
    let names =
        context.names(directory).map_err(|why| error!("open {directory}: {}", go_errno(why)))?;
    let base = clean_path(directory);
    for name in names {
        let path = match base.as_str() {
            "." => name.to_string(),
            base => format!("{}/{name}", base.trim_end_matches('/')),
        };
        if context.is_directory(&path) {
            if recursive {
                walk(context, &path, recursive, depth + 1, files)?;
            }
        } else if EXTENSIONS.iter().any(|extension| name.ends_with(extension)) {
            files.push(path);
        }
    }
    Ok(())
}

/// The shortest path to the same place, without a look at what is there: without `.`, empty parts,
/// and `..` where it can be resolved. `.` for an empty path.
pub(crate) fn clean_path(path: &str) -> String {
    let is_absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    match (is_absolute, parts.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

/// The paths that a pattern such as `m/*.yaml` stands for.
fn glob(context: &Context, pattern: &str) -> Vec<String> {
    if !pattern.contains(['*', '?', '[']) {
        return Vec::new();
    }
    let mut found = vec![if pattern.starts_with('/') { "/".to_owned() } else { String::new() }];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        let mut next = Vec::new();
        for base in &found {
            let names: Vec<String> = if part.contains(['*', '?', '[']) {
                let directory = if base.is_empty() { "." } else { base };
                let names = context.names(directory).unwrap_or_default();
                names.iter().filter(|name| fits(part, name)).map(|name| name.to_string()).collect()
            } else {
                vec![part.to_owned()]
            };
            for name in names {
                let path = match base.as_str() {
                    "" => name,
                    base if base.ends_with('/') => format!("{base}{name}"),
                    base => format!("{base}/{name}"),
                };
                if context.exists(&path) {
                    next.push(path);
                }
            }
        }
        found = next;
    }
    found
}

/// Whether a name fits a pattern of `*`, `?` and `[a-z]`.
fn fits(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let after = rest.as_str();
            let ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.into_iter().any(|at| fits(after, name.get(at..).unwrap_or_default()))
        }
        Some('[') => {
            let Some((class, after)) = rest.as_str().split_once(']') else { return false };
            let mut letters = name.chars();
            letters
                .next()
                .is_some_and(|letter| in_class(class, letter) && fits(after, letters.as_str()))
        }
        Some(expected) => {
            let mut letters = name.chars();
            letters.next().is_some_and(|letter| {
                (expected == '?' || expected == letter) && fits(rest.as_str(), letters.as_str())
            })
        }
    }
}

fn in_class(class: &str, letter: char) -> bool {
    let (negated, class) = match class.strip_prefix('^') {
        Some(class) => (true, class),
        None => (false, class),
    };
    let letters: Vec<char> = class.chars().collect();
    let mut at = 0;
    let mut is_in = false;
    while let Some(low) = letters.get(at) {
        match (letters.get(at + 1), letters.get(at + 2)) {
            (Some('-'), Some(high)) => {
                is_in |= (*low..=*high).contains(&letter);
                at += 3;
            }
            _ => {
                is_in |= *low == letter;
                at += 1;
            }
        }
    }
    is_in != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_go() {
        let check = |pattern: &str, name: &str, expected: bool| {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        };
        check("*.yaml", "a.yaml", true);
        check("*.yaml", "a.yml", false);
        check("a?c", "abc", true);
        check("[a-c]x", "bx", true);
        check("[^a-c]x", "bx", false);
    }
}
