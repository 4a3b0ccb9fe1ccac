//! Secret: configuration that is not for everybody's eyes.

use crate::base64;
use crate::core::config_map::BYTES_MAX;
use crate::rules::{check, immutable, scalar};
use crate::table::{AGE, Column, NAME, Row, age, name};
use crate::{FieldSelector, Kind};
use api::core::v1::Secret;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{Value, View, names, validation};
use sim::Time;

/// `v1` Secret
pub static KIND: Kind = Kind {
    kind: "Secret",
    plural: "secrets",
    singular: "secret",
    ty: types::CORE_V1_SECRET,
    storage_version_hash: "S6u1pOWzb84=",
    set_defaults,
    validate,
    validate_update,
    field_selectors: &[FieldSelector {
        path: "type",
        get: |object| Secret::of(object).type_().to_owned(),
    }],
    columns: &[NAME, Column::text("Type"), Column::integer("Data"), AGE],
    row,
    ..Kind::NAMESPACED
};

const ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";

/// A Secret is Opaque unless it says otherwise; texts become data.
fn set_defaults(object: &mut Value) {
    object.set_default(&names::TYPE, "Opaque");
    let texts = object.get(&names::STRING_DATA).clone();
    let Some(texts) = texts.as_map() else { return };
    object.make_map().remove(&names::STRING_DATA);
    object.update(&names::DATA, |data| {
        for (key, text) in texts.iter() {
            let encoded = base64::encode(text.as_str().unwrap_or_default().as_bytes());
            data.make_map().insert(key, encoded);
        }
    });
}

fn validate(object: &Value, errors: &mut ErrorList) {
    let secret = Secret::of(object);
    let at = Path::new("data");
    let mut bytes = 0;
    for (key, value) in secret.data().iter() {
        check(validation::config_map_key, key, &at.key(key), errors);
        bytes += base64::decoded_len(value);
    }
    if bytes > BYTES_MAX {
        errors.too_long(&at, BYTES_MAX);
    }
    let mut require = |key: &str, is_there: bool| {
        if !is_there {
            errors.required(&at.key(key), "");
        }
    };
    let has = |key: &str| secret.data().get(key).is_some();
    match secret.type_() {
        "kubernetes.io/service-account-token" => {
            let account = secret.metadata().annotations().get(ACCOUNT_NAME);
            if account.is_none_or(str::is_empty) {
                let metadata = Path::new("metadata");
                let at = metadata.child("annotations");
                errors.required(&at.key(ACCOUNT_NAME), "");
            }
        }
        "kubernetes.io/dockercfg" => validate_json(secret, ".dockercfg", &at, errors),
        "kubernetes.io/dockerconfigjson" => {
            validate_json(secret, ".dockerconfigjson", &at, errors);
        }
        "kubernetes.io/basic-auth" => {
            let has_any = has("username") || has("password");
            require("username", has_any);
            require("password", has_any);
        }
        "kubernetes.io/ssh-auth" => {
            let key = secret.data().get("ssh-privatekey");
            require("ssh-privatekey", key.is_some_and(|key| !key.is_empty()));
        }
        "kubernetes.io/tls" => {
            require("tls.crt", has("tls.crt"));
            require("tls.key", has("tls.key"));
        }
        _ => {}
    }
}

fn validate_json(secret: Secret<'_>, key: &str, at: &Path<'_>, errors: &mut ErrorList) {
    let at = at.key(key);
    let Some(data) = secret.data().get(key) else {
        return errors.required(&at, "");
    };
    let bytes = base64::decode(data);
    let problem = match api::json::parse(&bytes) {
        Ok(Value::Map(_) | Value::Null) => return,
        Ok(Value::List(_)) => {
            "json: cannot unmarshal array into Go value of type map[string]interface {}".to_owned()
        }
        Ok(Value::Str(_)) => {
            "json: cannot unmarshal string into Go value of type map[string]interface {}".to_owned()
        }
        Ok(Value::Bool(_)) => {
            "json: cannot unmarshal bool into Go value of type map[string]interface {}".to_owned()
        }
        Ok(_) => {
            "json: cannot unmarshal number into Go value of type map[string]interface {}".to_owned()
        }
        Err(error) => error.to_string(),
    };
    errors.invalid(&at, "<secret contents redacted>", problem);
}

fn validate_update(new: &Value, old: &Value, errors: &mut ErrorList) {
    let ty = |secret: &Value| secret.get(&names::TYPE).clone();
    immutable(&ty(new), &ty(old), &Path::new("type"), scalar, errors);
    if Secret::of(old).immutable() != Some(true) {
        return;
    }
    let detail = "field is immutable when `immutable` is set";
    if Secret::of(new).immutable() != Some(true) {
        errors.forbidden(&Path::new("immutable"), detail);
    }
    if new.get(&names::DATA) != old.get(&names::DATA) {
        errors.forbidden(&Path::new("data"), detail);
    }
}

fn row(object: &Value, now: Time) -> Row {
    let secret = Secret::of(object);
    let count = secret.data().len() as i64;
    vec![name(object), secret.type_().to_owned().into(), count.into(), age(object, now)]
}
