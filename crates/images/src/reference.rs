//! Image references: `nginx:1.25.3` means `docker.io/library/nginx:1.25.3`.

use std::fmt;

/// The name of an image, in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The registry: `docker.io`.
    pub registry: String,
    /// The path within the registry: `library/nginx`.
    pub path: String,
    /// The tag; `latest` if none was given. Empty if a digest names the image.
    pub tag: String,
    /// The digest, if one was given.
    pub digest: Option<String>,
}

/// A text that names no image, in the words of the container runtime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError(String);

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for ReferenceError {}

impl Reference {
    /// Reads a reference as Docker does.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        let invalid = || ReferenceError("invalid reference format".into());
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.to_owned())),
            None => (text, None),
        };
        // A colon after the last slash begins the tag; one before it belongs to a port.
        let last = name.rfind('/').map_or(0, |at| at + 1);
        let (name, tag) = match name[last..].find(':') {
            Some(at) => (&name[..last + at], &name[last + at + 1..]),
            None => (name, ""),
        };
        let (registry, path) = split_registry(name);
        if path.chars().any(|c| c.is_ascii_uppercase()) {
            let message =
                format!("invalid reference format: repository name ({path}) must be lowercase");
            return Err(ReferenceError(message));
        }
        let is_tag = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let has_bad_tag = name.len() != text.len()
            && digest.is_none()
            && (tag.is_empty() || tag.len() > 128 || !tag.chars().all(is_tag));
        if has_bad_tag || !is_path(&path) {
            return Err(invalid());
        }
        let tag = match (tag, &digest) {
            ("", None) => "latest",
            (tag, _) => tag,
        };
        Ok(Reference { registry, path, tag: tag.to_owned(), digest })
    }

    /// `docker.io/library/nginx`
    pub fn repository(&self) -> String {
        format!("{}/{}", self.registry, self.path)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.repository())?;
        if !self.tag.is_empty() {
            write!(f, ":{}", self.tag)?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

/// The first part is a registry if it looks like a host; otherwise Docker's is meant.
fn split_registry(name: &str) -> (String, String) {
    match name.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => {
            let path = match (host, path.contains('/')) {
                ("docker.io", false) => format!("library/{path}"),
                _ => path.to_owned(),
            };
            (host.to_owned(), path)
        }
        Some(_) => ("docker.io".into(), name.to_owned()),
        None => ("docker.io".into(), format!("library/{name}")),
    }
}

fn is_path(path: &str) -> bool {
    path.split('/').all(|part| {
        let is_inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let is_outer = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        is_outer(part.chars().next()) && is_outer(part.chars().last()) && part.chars().all(is_inner)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_completed() {
        for (text, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.25.3", "docker.io/library/nginx:1.25.3"),
            ("blux2/hello-server:1.0", "docker.io/blux2/hello-server:1.0"),
            ("localhost:5000/a/b", "localhost:5000/a/b:latest"),
            ("docker.io/nginx", "docker.io/library/nginx:latest"),
            ("nginx@sha256:00", "docker.io/library/nginx@sha256:00"),
        ] {
            let parsed = Reference::parse(text).map(|r| r.to_string());
            assert_eq!(parsed.as_deref(), Ok(full), "{text}");
        }
    }

    #[test]
    fn what_names_no_image() {
        for (text, error) in [
            (
                "Nginx:1.25.3",
                "invalid reference format: repository name (library/Nginx) must be lowercase",
            ),
            ("nginx:", "invalid reference format"),
            ("", "invalid reference format"),
            ("a//b", "invalid reference format"),
            ("nginx:a b", "invalid reference format"),
        ] {
            let parsed = Reference::parse(text).map_err(|e| e.to_string());
            assert_eq!(parsed.err().as_deref(), Some(error), "{text}");
        }
    }
}
