//! Who the user of a command is: what the files say of him, and what flags say instead.

use super::Overrides;
use crate::errors::{Error, Result, error};
use api::{List, Text, Value};
use apiserver::{Credentials, Impersonation};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use shell::{Context, Errno};

/// What is known of the user, with what flags say of him.
pub(super) fn with_flags(user: &Value, flags: &Overrides) -> Value {
    let mut user = user.clone();
    for (field, text) in &flags.user_fields {
        user.make_map().insert(*field, text.clone());
    }
    if !flags.groups.is_empty() {
        let groups: List = flags.groups.iter().map(|group| Value::from(group.clone())).collect();
        user.make_map().insert("as-groups", Value::List(groups));
    }
    user
}

/// A user must say in one way only who he is.
pub(super) fn check(name: &str, user: &Value) -> Result {
    let has = |field: &str| !text(user, field).is_empty();
    let mut methods = Vec::new();
    if has("token") {
        methods.push("token");
    }
    if has("username") || has("password") {
        methods.push("basicAuth");
    }
    if methods.len() > 1 {
        let methods = methods.join(" ");
        return Err(error!(
            "more than one authentication method found for {name}; found [{methods}], only one is \
             allowed"
        ));
    }
    let wants_more = has("as-uid")
        || !user["as-groups"].items().is_empty()
        || user["as-user-extra"].as_map().is_some_and(|extra| !extra.is_empty());
    if wants_more && !has("as") {
        return Err(error!(
            "requesting uid, groups or user-extra for {name} without impersonating a user"
        ));
    }
    Ok(())
}

/// What the server is told.
pub(super) fn credentials(context: &Context, name: &str, user: &Value) -> Result<Credentials> {
    let certificate = match text(user, "client-certificate") {
        "" => text(user, "client-certificate-data").to_owned(),
        path => {
            let bytes = context.read_file(path).map_err(|why| unreadable(path, name, why))?;
            STANDARD.encode(bytes.as_slice())
        }
    };
    let token = match (text(user, "token"), text(user, "tokenFile")) {
        ("", path) if !path.is_empty() => {
            let bytes = context.read_file(path).map_err(|why| not_opened(path, why))?;
            String::from_utf8_lossy(&bytes).trim().to_owned()
        }
        (token, _) => token.to_owned(),
    };
    let given = |text: String| (!text.is_empty()).then(|| Text::from(text));
    Ok(Credentials {
        user: None,
        certificate: given(certificate),
        token: given(token),
        impersonation: impersonation(user),
    })
}

fn impersonation(user: &Value) -> Impersonation {
    let owned = |field| text(user, field).to_owned().into();
    let texts = |value: &Value| -> Vec<Text> {
        value.items().iter().filter_map(|item| item.as_text().cloned()).collect()
    };
    let extra = user["as-user-extra"].as_map().cloned().unwrap_or_default();
    let extra = extra.iter().flat_map(|(key, values)| {
        let key = Text::from(key.as_str().to_lowercase());
        texts(values).into_iter().map(move |value| (key.clone(), value))
    });
    Impersonation {
        name: owned("as"),
        uid: owned("as-uid"),
        groups: texts(&user["as-groups"]),
        extra: extra.collect(),
    }
}

fn text<'a>(user: &'a Value, field: &str) -> &'a str {
    user[field].as_str().unwrap_or_default()
}

fn not_opened(path: &str, why: Errno) -> Error {
    error!("open {path}: {}", why.to_string().to_lowercase())
}

fn unreadable(path: &str, name: &str, why: Errno) -> Error {
    let why = not_opened(path, why);
    Error::Configuration(vec![format!("unable to read client-cert {path} for {name} due to {why}")])
}
