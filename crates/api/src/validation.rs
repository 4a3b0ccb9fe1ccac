//! What names, labels and ports may look like.
//!
//! Models `k8s.io/apimachinery/pkg/util/validation`: each check returns what is wrong, in its
//! words, or nothing.

const LABEL_FORMAT: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric \
    characters or '-', and must start and end with an alphanumeric character";
const SUBDOMAIN_FORMAT: &str = "a lowercase RFC 1123 subdomain must consist of lower case \
    alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
const LABEL_1035_FORMAT: &str = "a DNS-1035 label must consist of lower case alphanumeric \
    characters or '-', start with an alphabetic character, and end with an alphanumeric character";
const QUALIFIED_NAME_FORMAT: &str = "must consist of alphanumeric characters, '-', '_' or '.', \
    and must start and end with an alphanumeric character";
const LABEL_VALUE_FORMAT: &str = "a valid label must be an empty string or consist of \
    alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const CONFIG_KEY_FORMAT: &str =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
const ENV_NAME_FORMAT: &str = "a valid environment variable name must consist of alphabetic \
    characters, digits, '_', '-', or '.', and must not start with a digit";

/// The most bytes that a DNS label can have.
pub const DNS_LABEL_MAX: usize = 63;
/// The most bytes that a DNS name can have.
pub const DNS_SUBDOMAIN_MAX: usize = 253;

fn regex_error(format: &str, regex: &str, examples: &[&str]) -> String {
    let mut out = format!("{format} (");
    for (i, example) in examples.iter().enumerate() {
        out += if i == 0 { "e.g. " } else { " or " };
        out += &format!("'{example}', ");
    }
    out + &format!("regex used for validation is '{regex}')")
}

fn max_length_error(length: usize) -> String {
    format!("must be no more than {length} characters")
}

fn is_lower_alphanumeric(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

fn is_dns_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(&first), Some(&last)) => {
            is_lower_alphanumeric(first)
                && is_lower_alphanumeric(last)
                && bytes.iter().all(|&b| is_lower_alphanumeric(b) || b == b'-')
        }
        _ => false,
    }
}

/// A DNS label: the name of a Namespace or a container.
pub fn dns1123_label(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_LABEL_MAX {
        problems.push(max_length_error(DNS_LABEL_MAX));
    }
    if !is_dns_label(text) {
        if text.split('.').all(is_dns_label) {
            problems.push("must not contain dots".into());
        } else {
            let examples = ["my-name", "123-abc"];
            problems.push(regex_error(LABEL_FORMAT, "[a-z0-9]([-a-z0-9]*[a-z0-9])?", &examples));
        }
    }
    problems
}

/// A DNS name: the name of most objects.
pub fn dns1123_subdomain(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_SUBDOMAIN_MAX {
        problems.push(max_length_error(DNS_SUBDOMAIN_MAX));
    }
    if !text.split('.').all(is_dns_label) {
        let regex = "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
        problems.push(regex_error(SUBDOMAIN_FORMAT, regex, &["example.com"]));
    }
    problems
}

/// A DNS name whose first part is an asterisk: `*.example.com`.
pub fn wildcard_dns1123_subdomain(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_SUBDOMAIN_MAX {
        problems.push(max_length_error(DNS_SUBDOMAIN_MAX));
    }
    let is_wildcard = text.strip_prefix("*.").is_some_and(|rest| rest.split('.').all(is_dns_label));
    if !is_wildcard {
        let format = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS \
            subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and \
            end with an alphanumeric character";
        let regex = "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
        problems.push(regex_error(format, regex, &["*.example.com"]));
    }
    problems
}

/// A name that can stand in a path: that of a role.
pub fn path_segment_name(text: &str) -> Vec<String> {
    if text == "." || text == ".." {
        return vec![format!("may not be '{text}'")];
    }
    let mut problems = Vec::new();
    for forbidden in ["/", "%"] {
        if text.contains(forbidden) {
            problems.push(format!("may not contain '{forbidden}'"));
        }
    }
    problems
}

/// A DNS label that starts with a letter: the name of a Service.
pub fn dns1035_label(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_LABEL_MAX {
        problems.push(max_length_error(DNS_LABEL_MAX));
    }
    if !is_dns_label(text) || !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        let examples = ["my-name", "abc-123"];
        problems.push(regex_error(LABEL_1035_FORMAT, "[a-z]([-a-z0-9]*[a-z0-9])?", &examples));
    }
    problems
}

fn is_name_part(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => {
            first.is_ascii_alphanumeric()
                && last.is_ascii_alphanumeric()
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
        }
        _ => false,
    }
}

/// A name with an optional DNS prefix: the key of a label.
pub fn qualified_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let regex = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    let mut parts = text.split('/');
    let name = match (parts.next(), parts.next(), parts.next()) {
        (Some(name), None, _) => name,
        (Some(prefix), Some(name), None) => {
            if prefix.is_empty() {
                problems.push("prefix part must be non-empty".into());
            } else {
                problems
                    .extend(dns1123_subdomain(prefix).iter().map(|p| format!("prefix part {p}")));
            }
            name
        }
        _ => {
            let format = format!("a qualified name {QUALIFIED_NAME_FORMAT}");
            let error = regex_error(&format, regex, &["MyName", "my.name", "123-abc"]);
            problems.push(format!(
                "{error} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ));
            return problems;
        }
    };
    if name.is_empty() {
        problems.push("name part must be non-empty".into());
    } else if name.len() > DNS_LABEL_MAX {
        problems.push(format!("name part {}", max_length_error(DNS_LABEL_MAX)));
    }
    if !is_name_part(name) {
        let examples = ["MyName", "my.name", "123-abc"];
        let error = regex_error(QUALIFIED_NAME_FORMAT, regex, &examples);
        problems.push(format!("name part {error}"));
    }
    problems
}

/// The value of a label.
pub fn label_value(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_LABEL_MAX {
        problems.push(max_length_error(DNS_LABEL_MAX));
    }
    if !text.is_empty() && !is_name_part(text) {
        let regex = "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?";
        problems.push(regex_error(LABEL_VALUE_FORMAT, regex, &["MyValue", "my_value", "12345"]));
    }
    problems
}

/// The key of a ConfigMap or Secret.
pub fn config_map_key(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > DNS_SUBDOMAIN_MAX {
        problems.push(max_length_error(DNS_SUBDOMAIN_MAX));
    }
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if text.is_empty() || !text.bytes().all(is_allowed) {
        let examples = ["key.name", "KEY_NAME", "key-name"];
        problems.push(regex_error(CONFIG_KEY_FORMAT, "[-._a-zA-Z0-9]+", &examples));
    }
    problems.extend(no_dots_alone(text));
    problems
}

fn no_dots_alone(text: &str) -> Option<String> {
    match text {
        "." => Some("must not be '.'".into()),
        ".." => Some("must not be '..'".into()),
        _ if text.starts_with("..") => Some("must not start with '..'".into()),
        _ => None,
    }
}

/// The name of an environment variable.
pub fn env_var_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let is_start = |b: u8| b.is_ascii_alphabetic() || b"-._".contains(&b);
    let is_rest = |b: u8| is_start(b) || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|&b| is_start(b)) || !bytes.iter().all(|&b| is_rest(b)) {
        let examples = ["my.env-name", "MY_ENV.NAME", "MyEnvName1"];
        problems.push(regex_error(ENV_NAME_FORMAT, "[-._a-zA-Z][-._a-zA-Z0-9]*", &examples));
    }
    problems.extend(no_dots_alone(text));
    problems
}

/// The name of an HTTP header.
pub fn http_header_name(text: &str) -> Vec<String> {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if !text.is_empty() && text.bytes().all(is_allowed) {
        return Vec::new();
    }
    let format = "a valid HTTP header must consist of alphanumeric characters or '-'";
    vec![regex_error(format, "[-A-Za-z0-9]+", &["X-Header-Name"])]
}

/// The number of a port.
pub fn port_number(port: i64) -> Vec<String> {
    match port {
        1..=65_535 => Vec::new(),
        _ => vec!["must be between 1 and 65535, inclusive".into()],
    }
}

/// The name of a port.
pub fn port_name(text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if text.len() > 15 {
        problems.push(max_length_error(15));
    }
    let is_allowed = |b: u8| is_lower_alphanumeric(b) || b == b'-';
    if !text.bytes().all(is_allowed) {
        problems
            .push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".into());
    }
    if !text.bytes().any(|b| b.is_ascii_lowercase()) {
        problems.push("must contain at least one letter (a-z)".into());
    }
    if text.contains("--") {
        problems.push("must not contain consecutive hyphens".into());
    }
    if text.starts_with('-') || text.ends_with('-') {
        problems.push("must not begin or end with a hyphen".into());
    }
    problems
}

/// An IP address.
pub fn ip_address(text: &str) -> Vec<String> {
    match text.parse::<std::net::IpAddr>() {
        Ok(_) => Vec::new(),
        Err(_) => vec!["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".into()],
    }
}

/// The name that a generated name starts with: the end is random, so a hyphen may stand there.
pub fn mask_trailing_dash(text: &str) -> String {
    match text.strip_suffix('-') {
        Some(head) if !head.is_empty() => format!("{head}a"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_fine() {
        assert!(dns1123_label("web-1").is_empty());
        assert!(dns1123_subdomain("a.b-c.d").is_empty());
        assert!(dns1035_label("web").is_empty());
        assert!(qualified_name("app.kubernetes.io/name").is_empty());
        assert!(label_value("").is_empty());
        assert!(env_var_name("MY_VAR.x-1").is_empty());
        assert!(port_name("http-1").is_empty());
    }

    #[test]
    fn names_that_are_not() {
        assert_eq!(dns1123_label("a.b"), ["must not contain dots"]);
        assert_eq!(
            dns1123_subdomain("Web_1"),
            ["a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, \
              '-' or '.', and must start and end with an alphanumeric character (e.g. \
              'example.com', regex used for validation is \
              '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"]
        );
        assert_eq!(port_number(0), ["must be between 1 and 65535, inclusive"]);
        assert_eq!(port_name("80"), ["must contain at least one letter (a-z)"]);
        assert_eq!(qualified_name("/x")[0], "prefix part must be non-empty");
    }
}
