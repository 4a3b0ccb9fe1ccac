//! `kubectl config set` and `unset`: single fields by their path.

use super::unexpected_arguments;
use crate::command::{Command, run};
use crate::errors::{Result, bail, error};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::kubeconfig::{Config, Origin, Stanza};
use api::{Key, Value};
use std::rc::Rc;

pub static SET: Command = Command {
    name: "set",
    short: "Set an individual value in a kubeconfig file",
    long: include_str!("../../../help/config-set.txt"),
    usage: "set PROPERTY_NAME PROPERTY_VALUE",
    flags: &[&[Flag::bool(
        "set-raw-bytes",
        "false",
        "When writing a []byte PROPERTY_VALUE, write the given string directly without base64 \
         decoding.",
    )
    .implied("true")]],
    run: run!(set),
    ..Command::EMPTY
};

pub static UNSET: Command = Command {
    name: "unset",
    short: "Unset an individual value in a kubeconfig file",
    long: "Unset an individual value in a kubeconfig file.\n\n PROPERTY_NAME is a dot delimited \
           name where each token represents either an attribute name or a map key.  Map keys may \
           not contain dots.\n\nExamples:\n  # Unset the current-context\n  \
           kubectl config unset current-context\n  \n  # Unset namespace in foo context\n  \
           kubectl config unset contexts.foo.namespace",
    usage: "unset PROPERTY_NAME",
    run: run!(unset),
    ..Command::EMPTY
};

/// A place in a kubeconfig file.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Property {
    CurrentContext,
    Preferences(String),
    /// A whole list.
    List(Stanza),
    /// An item of a list, and the field of it if one is named.
    Item(Stanza, String, Option<&'static str>),
}

impl Property {
    fn parse(path: &str, config: &Config) -> Result<Property> {
        let unknown = |rest: &str, ty: &str| error!("unable to parse {rest} after [] at {ty}");
        if path == "current-context" {
            return Ok(Property::CurrentContext);
        }
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        if first == "preferences" && !rest.is_empty() {
            return Ok(Property::Preferences(rest.to_owned()));
        }
        let stanza = Stanza::ALL.into_iter().find(|stanza| stanza.list() == first);
        let Some(stanza) = stanza else { return Err(unknown(path, "api.Config")) };
        if rest.is_empty() {
            return Ok(Property::List(stanza));
        }
        // Names may have dots: the longest one that is known counts.
        let known = config.stanza(stanza).keys().filter(|name| {
            rest.strip_prefix(name.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('.'))
        });
        let (name, field) = match known.max_by_key(|name| name.len()) {
            Some(name) => (name.clone(), rest[name.len()..].trim_start_matches('.')),
            None => match rest.rsplit_once('.') {
                Some((name, field)) => (name.to_owned(), field),
                None => (rest.to_owned(), ""),
            },
        };
        if field.is_empty() {
            return Ok(Property::Item(stanza, name, None));
        }
        let found = stanza.fields().iter().copied().find(|known| *known == field);
        let found = found.ok_or_else(|| unknown(field, "api.Config"))?;
        Ok(Property::Item(stanza, name, Some(found)))
    }

    fn origin(&self) -> Origin {
        match self {
            Property::CurrentContext => Origin::CurrentContext,
            Property::Item(stanza, name, _) => Origin::Item(*stanza, name.clone()),
            Property::Preferences(_) | Property::List(_) => Origin::Anything,
        }
    }
}

async fn set(invocation: Rc<Invocation>) -> Result {
    let [path, value] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    let files = invocation.kubeconfig()?;
    let property = Property::parse(path, &files.merged())?;
    let value = match &property {
        Property::Item(_, _, Some(field)) => typed(&invocation, field, value)?,
        Property::Item(_, _, None) | Property::List(_) => {
            bail!("can't set a struct to a string value: {path}")
        }
        _ => Value::from(value.clone()),
    };
    files.modify(&invocation.context, &property.origin(), |config| match &property {
        Property::CurrentContext => {
            config.current_context = value.as_str().unwrap_or_default().to_owned();
        }
        Property::Preferences(field) => {
            config.preferences.make_map().insert(Key::from(field.as_str()), value);
        }
        Property::Item(stanza, name, Some(field)) => {
            let item = config.stanza_mut(*stanza).entry(name.clone()).or_insert(Value::EMPTY_MAP);
            item.make_map().insert(*field, value);
        }
        Property::Item(_, _, None) | Property::List(_) => {}
    })?;
    invocation.print(format!("Property \"{path}\" set."));
    Ok(())
}

/// A text as the value of a field.
fn typed(invocation: &Invocation, field: &str, text: &str) -> Result<Value> {
    match field {
        "insecure-skip-tls-verify" | "disable-compression" => match text {
            "true" | "1" | "t" | "T" | "TRUE" | "True" => Ok(true.into()),
            "false" | "0" | "f" | "F" | "FALSE" | "False" => Ok(false.into()),
            _ => bail!("strconv.ParseBool: parsing {}: invalid syntax", api::go::quote(text)),
        },
        "as-groups" => {
            let groups = text.split(',').map(|group| Value::from(group.to_owned()));
            Ok(Value::List(groups.collect()))
        }
        field if field.ends_with("-data") && invocation.flags.bool("set-raw-bytes") => {
            Ok(super::encoded(text.as_bytes()).into())
        }
        _ => Ok(text.to_owned().into()),
    }
}

async fn unset(invocation: Rc<Invocation>) -> Result {
    let [path] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    let files = invocation.kubeconfig()?;
    let config = files.merged();
    let property = Property::parse(path, &config)?;
    if let Property::Item(stanza, name, Some(_)) = &property
        && !config.stanza(*stanza).contains_key(name)
    {
        bail!("current map key `{name}` is invalid");
    }
    files.modify(&invocation.context, &property.origin(), |config| match &property {
        Property::CurrentContext => config.current_context.clear(),
        Property::Preferences(field) => {
            config.preferences.make_map().remove_str(field);
        }
        Property::List(stanza) => config.stanza_mut(*stanza).clear(),
        Property::Item(stanza, name, None) => {
            config.stanza_mut(*stanza).remove(name);
        }
        Property::Item(stanza, name, Some(field)) => {
            if let Some(item) = config.stanza_mut(*stanza).get_mut(name) {
                item.make_map().remove_str(field);
            }
        }
    })?;
    invocation.print(format!("Property \"{path}\" unset."));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_have_dots() {
        let config = Config::read("contexts: [{name: a.b, context: {}}]").expect("valid");
        let check = |path: &str, name: &str, field: Option<&'static str>| {
            let property = Property::parse(path, &config).expect("a property");
            assert_eq!(property, Property::Item(Stanza::Context, name.to_owned(), field));
        };
        check("contexts.a.b.namespace", "a.b", Some("namespace"));
        check("contexts.a.b", "a.b", None);
        check("contexts.new.user", "new", Some("user"));
        assert!(Property::parse("nosuch.a", &config).is_err());
    }
}
