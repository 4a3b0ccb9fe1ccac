//! Resource types and names on the command line: `pods a b`, `deploy/web svc/web`, `pods,svc`.

use crate::errors::{Result, bail};

/// What arguments name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Resource types.
    pub(super) types: Vec<String>,
    /// Names, for each of the types.
    pub(super) names: Vec<String>,
    /// Pairs of a type and a name.
    pub(super) pairs: Vec<(String, String)>,
}

/// Reads arguments; `expand` gives the resources of a category such as `all`.
pub(super) fn read(arguments: &[String], expand: impl Fn(&str) -> Vec<String>) -> Result<Named> {
    let mut named = Named::default();
    let with_slash = arguments.iter().filter(|argument| argument.contains('/')).count();
    if with_slash > 0 && with_slash != arguments.len() {
        bail!(
            "there is no need to specify a resource type as a separate argument when passing \
             arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead \
             of 'kubectl get resource resource/<resource_name>'"
        );
    }
    if with_slash > 0 {
        for argument in arguments {
            named.pairs.push(pair(argument)?);
        }
        return Ok(named);
    }
    let Some((first, rest)) = arguments.split_first() else { return Ok(named) };
    for part in split(first) {
        let expanded = expand(&part);
        let parts = if expanded.is_empty() { vec![part] } else { expanded };
        for part in parts {
            if !named.types.contains(&part) {
                named.types.push(part);
            }
        }
    }
    named.names = rest.to_vec();
    Ok(named)
}

fn split(argument: &str) -> Vec<String> {
    argument.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn pair(argument: &str) -> Result<(String, String)> {
    let mut parts = argument.split('/');
    let (resource, name) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    if parts.next().is_some() {
        bail!("arguments in resource/name form may not have more than one slash");
    }
    if resource.is_empty() || name.is_empty() || split(resource).len() != 1 {
        bail!("arguments in resource/name form must have a single resource and name");
    }
    Ok((resource.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn read_words(text: &str) -> Result<Named> {
        let expand = |name: &str| if name == "all" { words("pods services") } else { Vec::new() };
        read(&words(text), expand)
    }

    #[test]
    fn types_and_names_come_in_two_forms() {
        let named = read_words("pods,svc a b").expect("valid");
        assert_eq!((named.types, named.names), (words("pods svc"), words("a b")));
        let named = read_words("all,services").expect("valid");
        assert_eq!(named.types, words("pods services"));
        let named = read_words("deploy/web svc/x").expect("valid");
        assert_eq!(named.pairs[1], ("svc".to_owned(), "x".to_owned()));
        for bad in ["deploy/web x", "a/b/c", "a,b/c", "/x"] {
            assert!(read_words(bad).is_err(), "{bad}");
        }
    }
}
