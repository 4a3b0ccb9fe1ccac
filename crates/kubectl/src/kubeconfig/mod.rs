//! kubeconfig files: clusters, users, contexts, and which of them is meant.
//!
//! Models client-go's loading rules: `--kubeconfig` names one file, `$KUBECONFIG` several that are
//! merged, otherwise `~/.kube/config` is read if it exists. Unknown fields are dropped when a file
//! is written again, and lists are sorted by name, as the real kubectl leaves them.

mod credentials;
mod files;
mod selection;

pub use files::{Files, Origin};
pub use selection::{Overrides, Selection};

use api::{List, Value, object};
use std::collections::BTreeMap;

/// What a kubeconfig file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The context in use.
    pub current_context: String,
    /// Clusters by name.
    pub clusters: BTreeMap<String, Value>,
    /// Users by name.
    pub users: BTreeMap<String, Value>,
    /// Contexts by name.
    pub contexts: BTreeMap<String, Value>,
    /// `preferences`
    pub preferences: Value,
    /// `extensions`
    pub extensions: Value,
}

/// The three lists of a kubeconfig file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stanza {
    /// `clusters`
    Cluster,
    /// `users`
    User,
    /// `contexts`
    Context,
}

impl Stanza {
    /// All of them.
    pub const ALL: [Stanza; 3] = [Stanza::Cluster, Stanza::User, Stanza::Context];

    /// The list's field.
    pub fn list(self) -> &'static str {
        match self {
            Stanza::Cluster => "clusters",
            Stanza::User => "users",
            Stanza::Context => "contexts",
        }
    }

    /// The field of an item beside its name.
    pub fn item(self) -> &'static str {
        match self {
            Stanza::Cluster => "cluster",
            Stanza::User => "user",
            Stanza::Context => "context",
        }
    }

    /// The fields that an item can have, in Go's order.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Stanza::Cluster => &[
                "server",
                "tls-server-name",
                "insecure-skip-tls-verify",
                "certificate-authority",
                "certificate-authority-data",
                "proxy-url",
                "disable-compression",
                "extensions",
            ],
            Stanza::User => &[
                "client-certificate",
                "client-certificate-data",
                "client-key",
                "client-key-data",
                "token",
                "tokenFile",
                "as",
                "as-uid",
                "as-groups",
                "as-user-extra",
                "username",
                "password",
                "auth-provider",
                "exec",
                "extensions",
            ],
            Stanza::Context => &["cluster", "user", "namespace", "extensions"],
        }
    }

    /// The fields that are written even if they are empty.
    fn required_fields(self) -> &'static [&'static str] {
        match self {
            Stanza::Cluster => &["server"],
            Stanza::User => &[],
            Stanza::Context => &["cluster", "user"],
        }
    }
}

impl Config {
    /// The items of one list.
    pub fn stanza(&self, stanza: Stanza) -> &BTreeMap<String, Value> {
        match stanza {
            Stanza::Cluster => &self.clusters,
            Stanza::User => &self.users,
            Stanza::Context => &self.contexts,
        }
    }

    /// The items of one list, to be changed.
    pub fn stanza_mut(&mut self, stanza: Stanza) -> &mut BTreeMap<String, Value> {
        match stanza {
            Stanza::Cluster => &mut self.clusters,
            Stanza::User => &mut self.users,
            Stanza::Context => &mut self.contexts,
        }
    }

    /// Reads a file's text. The error is what `error loading config file` is followed by.
    pub fn read(text: &str) -> Result<Config, String> {
        let document = api::yaml::parse(text).map_err(|error| error.to_string())?;
        if document.is_null() {
            return Ok(Config::default());
        }
        if document.as_map().is_none() {
            return Err(cannot_unmarshal(&document, "value", "v1.Config"));
        }
        let mut config = Config {
            current_context: text_of(&document["current-context"]),
            preferences: document["preferences"].clone(),
            extensions: document["extensions"].clone(),
            ..Config::default()
        };
        for stanza in Stanza::ALL {
            let list = &document[stanza.list()];
            if !list.is_null() && !matches!(list, Value::List(_)) {
                let field = format!("struct field Config.{}", stanza.list());
                let ty = match stanza {
                    Stanza::Cluster => "[]v1.NamedCluster",
                    Stanza::User => "[]v1.NamedAuthInfo",
                    Stanza::Context => "[]v1.NamedContext",
                };
                return Err(cannot_unmarshal(list, &field, ty));
            }
            for item in list.items() {
                let name = text_of(&item["name"]);
                let value = known_fields(stanza, &item[stanza.item()]);
                config.stanza_mut(stanza).entry(name).or_insert(value);
            }
        }
        Ok(config)
    }

    /// The document as the real kubectl writes it.
    pub fn to_value(&self) -> Value {
        let mut document = object! {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": self.current_context.clone(),
            "preferences": match &self.preferences {
                Value::Map(map) => Value::Map(map.clone()),
                _ => Value::EMPTY_MAP,
            },
        };
        if !self.extensions.is_null() {
            document.make_map().insert("extensions", self.extensions.clone());
        }
        for stanza in Stanza::ALL {
            let item = |(name, value): (&String, &Value)| {
                let mut item = object! { "name": name.clone() };
                item.make_map().insert(stanza.item(), known_fields(stanza, value));
                item
            };
            let items: List = self.stanza(stanza).iter().map(item).collect();
            let items = if items.is_empty() { Value::Null } else { Value::List(items) };
            document.make_map().insert(stanza.list(), items);
        }
        document
    }

    /// Adds what another file says; what is known already stays.
    pub fn merge(&mut self, other: &Config) {
        if self.current_context.is_empty() {
            self.current_context.clone_from(&other.current_context);
        }
        for stanza in Stanza::ALL {
            for (name, value) in other.stanza(stanza) {
                let known = self.stanza_mut(stanza);
                known.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        for (mine, theirs) in
            [(&mut self.preferences, &other.preferences), (&mut self.extensions, &other.extensions)]
        {
            if mine.is_null() {
                *mine = theirs.clone();
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn cannot_unmarshal(value: &Value, what: &str, ty: &str) -> String {
    let found = match value {
        Value::Str(_) => "string",
        Value::List(_) => "array",
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Float(_) => "number",
        _ => "object",
    };
    format!("json: cannot unmarshal {found} into Go {what} of type {ty}")
}

/// An item without the fields that kubectl does not know, and without empty ones.
fn known_fields(stanza: Stanza, value: &Value) -> Value {
    let mut out = Value::EMPTY_MAP;
    for field in stanza.fields() {
        let held = &value[*field];
        let is_empty = held.is_null() || *held == "" || *held == Value::Bool(false);
        if !is_empty {
            out.make_map().insert(*field, held.clone());
        } else if stanza.required_fields().contains(field) {
            out.make_map().insert(*field, "");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_as_the_real_one_writes_them() {
        let config = Config::read(
            "contexts:\n- {name: b, context: {cluster: x}}\n- name: a\n  context: {user: u, foo: 1}\n",
        );
        let text = api::yaml::to_string(&config.expect("valid").to_value());
        assert_eq!(
            text,
            "apiVersion: v1\nclusters: null\ncontexts:\n- context:\n    cluster: \"\"\n    user: u\n  \
             name: a\n- context:\n    cluster: x\n    user: \"\"\n  name: b\ncurrent-context: \"\"\n\
             kind: Config\npreferences: {}\nusers: null\n"
        );
    }

    #[test]
    fn the_first_file_wins() {
        let read = |text| Config::read(text).expect("valid");
        let mut config = read("clusters: [{name: a, cluster: {server: one}}]");
        config.merge(&read(
            "current-context: c\nclusters: [{name: a, cluster: {server: two}}, {name: b, cluster: {}}]",
        ));
        assert_eq!(config.current_context, "c");
        assert_eq!(config.clusters["a"]["server"], "one");
        assert_eq!(config.clusters.len(), 2);
    }
}
