//! Requests and what a real server answers them, as data: one file of `requests/` is one server,
//! which is sent the cases of the file in their order.
//!
//! A case has a `request` (method and path) and perhaps `contentType`, `accept`, a `body` (a
//! document, or a text that is sent as it stands), `repeat` (a text that is sent so many times), a
//! `user` and its `groups`, a `token` (the name of one that an answer before was to `keep`, or a
//! text; an empty one stands for no credentials at all), and somebody to `impersonate`. It says what is to come back: the `code`, and whatever it wants of
//! `reason`, `message`, `details`, `text` and `warnings`, or of the `object` (a part of it).
//! Uids count as `UID`.

mod support;

use api::{Key, Text, Value, json, yaml};
use apiserver::{Credentials, Impersonation, Method, ResponseBody, User};
use std::collections::BTreeMap;
use std::path::Path;
use support::{Call, TestServer, administrator};

const KNOWN: &[&str] = &[
    "request",
    "contentType",
    "accept",
    "body",
    "repeat",
    "user",
    "groups",
    "token",
    "keep",
    "impersonate",
    "code",
    "reason",
    "message",
    "details",
    "text",
    "warnings",
    "object",
    "why",
];

fn get<'a>(case: &'a Value, name: &'static str) -> &'a Value {
    case.get(&Key::from(name))
}

fn body(case: &Value) -> Option<Vec<u8>> {
    if let Some(count) = get(case, "repeat").as_i64() {
        let text = get(case, "body").as_str().unwrap_or_default();
        return Some(text.repeat(count as usize).into_bytes());
    }
    match get(case, "body") {
        Value::Null => None,
        Value::Str(text) => Some(text.as_str().as_bytes().to_vec()),
        document => Some(json::to_string(document).into_bytes()),
    }
}

fn texts(list: &Value) -> Vec<Text> {
    list.items().iter().filter_map(|item| item.as_text().cloned()).collect()
}

fn user(case: &Value) -> User {
    let Some(name) = get(case, "user").as_str() else {
        return administrator();
    };
    let mut groups = texts(get(case, "groups"));
    groups.push("system:authenticated".into());
    User { name: name.to_owned().into(), groups: groups.into(), ..User::default() }
}

fn credentials(case: &Value, kept: &BTreeMap<String, Text>) -> Credentials {
    let mut credentials = match get(case, "token").as_text() {
        None => user(case).into(),
        Some(token) => {
            let token = kept.get(token.as_str()).unwrap_or(token);
            let token = (!token.is_empty()).then(|| token.clone());
            Credentials { token, ..Credentials::default() }
        }
    };
    let wanted = get(case, "impersonate");
    let text = |name| get(wanted, name).as_text().cloned().unwrap_or_default();
    let extra = get(wanted, "extra").as_map().cloned().unwrap_or_default();
    let extra = extra.iter().flat_map(|(key, values)| {
        let key = Text::from(key.as_str().to_owned());
        texts(values).into_iter().map(move |value| (key.clone(), value))
    });
    credentials.impersonation = Impersonation {
        name: text("name"),
        uid: text("uid"),
        groups: texts(get(wanted, "groups")),
        extra: extra.collect(),
    };
    credentials
}

/// The text with `UID` for what looks like one.
fn without_uids(text: &str) -> String {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|byte| is_digit(&byte)) {
        let length = rest[start..].bytes().take_while(is_digit).count();
        let word = &rest[start..start + length];
        let is_uid = word.split('-').map(str::len).eq(LENGTHS);
        out.push_str(&rest[..start]);
        out.push_str(if is_uid { "UID" } else { word });
        rest = &rest[start + length..];
    }
    out + rest
}

/// Whether `found` has whatever `wanted` has.
fn has(found: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Map(map) => map.iter().all(|(key, value)| has(found.get(key), value)),
        Value::List(_) => {
            let (found, wanted) = (found.items(), wanted.items());
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(f, w)| has(f, w))
        }
        Value::Str(text) => {
            found.as_str().is_some_and(|found| without_uids(found) == text.as_str())
        }
        other => found == other,
    }
}

fn judge(case: &Value, code: u16, document: &Value, warnings: &[String]) -> Result<(), String> {
    let mut wrong = String::new();
    let mut check = |is_right: bool, what: &str, found: &str| {
        if !is_right {
            wrong.push_str(&format!("\n  {what}: {found}"));
        }
    };
    check(get(case, "code").as_i64() == Some(i64::from(code)), "code", &code.to_string());
    for name in ["reason", "message", "details"] {
        let (wanted, found) = (get(case, name), get(document, name));
        let is_right = has(found, wanted) || wanted.is_null();
        check(is_right, name, &without_uids(&json::to_string(found)));
    }
    if let Some(text) = get(case, "text").as_str() {
        check(document.as_str() == Some(text), "text", &json::to_string(document));
    }
    let object = get(case, "object");
    check(object.is_null() || has(document, object), "object", &json::to_string(document));
    let wanted: Vec<&str> =
        get(case, "warnings").items().iter().filter_map(Value::as_str).collect();
    check(warnings == wanted, "warnings", &format!("{warnings:?}"));
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn play(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a file of cases");
    let cases = yaml::parse(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    let mut server = TestServer::new();
    let (mut failures, mut kept) = (Vec::new(), BTreeMap::new());
    for case in cases.items() {
        for (key, _) in case.as_map().expect("a case").iter() {
            assert!(KNOWN.contains(&key.as_str()), "{}: {}", path.display(), key.as_str());
        }
        let line = get(case, "request").as_str().expect("a request");
        let (method, target) = line.split_once(' ').expect("method and path");
        let method = Method::parse(method).expect("a method");
        let content_type = match method {
            Method::Patch => "application/merge-patch+json",
            _ => "application/json",
        };
        let response = server.send(&Call {
            content_type: get(case, "contentType").as_str().unwrap_or(content_type),
            accept: get(case, "accept").as_str().unwrap_or("application/json"),
            body: body(case),
            credentials: credentials(case, &kept),
            ..Call::new(method, target)
        });
        let (code, warnings) = (response.code, response.warnings);
        let document = match response.body {
            ResponseBody::Value(value) => value,
            ResponseBody::Text(text) => text.into(),
            other => format!("{other:?}").into(),
        };
        if let Some(name) = get(case, "keep").as_str() {
            let token = document["status"]["token"].as_text().expect("a token");
            kept.insert(name.to_owned(), token.clone());
        }
        if let Err(wrong) = judge(case, code, &document, &warnings) {
            let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let body = body(case).map_or(String::new(), |bytes| {
                String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned()
            });
            failures.push(format!("{file}: {line} {body}{wrong}"));
        }
    }
    failures
}

#[test]
fn requests_are_answered_as_by_a_real_server() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("cases").flatten().map(|file| file.path()).collect();
    files.sort();
    let failures: Vec<String> = files.iter().flat_map(|path| play(path)).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}
