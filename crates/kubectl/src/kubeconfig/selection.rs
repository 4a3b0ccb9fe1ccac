//! Which cluster, which user, which namespace a command is for.

use super::{Config, credentials};
use crate::errors::{Error, Result, error, quote};
use crate::flags::Flags;
use api::Value;
use apiserver::Credentials;
use shell::Context;

/// What flags say instead of the files.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--context`
    pub context: String,
    /// `--cluster`
    pub cluster: String,
    /// `--user`
    pub user: String,
    /// `--namespace`
    pub namespace: String,
    /// `--server`
    pub server: String,
    /// What flags say of the user, by the names of his fields.
    pub user_fields: Vec<(&'static str, String)>,
    /// `--as-group`
    pub groups: Vec<String>,
}

/// What a command talks to.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The URL of the server.
    pub server: String,
    /// The namespace.
    pub namespace: String,
    user_name: String,
    user: Value,
}

/// Flags, and the fields of a user in whose place they are.
const USER_FLAGS: [(&str, &str); 6] = [
    ("as", "as"),
    ("as-uid", "as-uid"),
    ("client-certificate", "client-certificate"),
    ("password", "password"),
    ("token", "token"),
    ("username", "username"),
];

impl Overrides {
    /// Whether a flag says who the user is.
    fn has_credentials(&self) -> bool {
        self.user_fields.iter().any(|(field, _)| !field.starts_with("as"))
    }

    /// Reads the flags.
    pub fn from_flags(flags: &Flags) -> Overrides {
        let text = |name| flags.string(name).to_owned();
        Overrides {
            context: text("context"),
            cluster: text("cluster"),
            user: text("user"),
            namespace: text("namespace"),
            server: text("server"),
            user_fields: USER_FLAGS
                .into_iter()
                .map(|(flag, field)| (field, text(flag)))
                .filter(|(_, text)| !text.is_empty())
                .collect(),
            groups: flags.strings("as-group").to_vec(),
        }
    }
}

/// Where kubectl looks for a server when nobody tells it.
const DEFAULT_SERVER: &str = "http://localhost:8080";

impl Selection {
    /// Chooses from the files and the flags.
    pub fn choose(config: &Config, overrides: &Overrides) -> Result<Selection> {
        let context = chosen_context(config, overrides)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let or = |first: &str, second: &Value| match first {
            "" => text(second),
            first => first.to_owned(),
        };
        let user_name = or(&overrides.user, &context["user"]);
        let user = match config.users.get(&user_name) {
            Some(user) => user.clone(),
            None if overrides.user.is_empty() || overrides.has_credentials() => Value::Null,
            None => return Err(error!("auth info {} does not exist", quote(&user_name))),
        };
        let user = credentials::with_flags(&user, overrides);
        credentials::check(&user_name, &user)?;
        let cluster_name = or(&overrides.cluster, &context["cluster"]);
        let server = match (config.clusters.get(&cluster_name), overrides.server.as_str()) {
            (_, server) if !server.is_empty() => with_scheme(server),
            (Some(cluster), _) => text(&cluster["server"]),
            (None, _) if overrides.cluster.is_empty() => String::new(),
            (None, _) => {
                return Err(error!("no server found for cluster {}", quote(&cluster_name)));
            }
        };
        let namespace = or(&overrides.namespace, &context["namespace"]);
        Ok(Selection {
            server: if server.is_empty() { DEFAULT_SERVER.to_owned() } else { server },
            namespace: if namespace.is_empty() { "default".to_owned() } else { namespace },
            user_name,
            user,
        })
    }

    /// Who the user is, as the server is told.
    pub fn credentials(&self, context: &Context) -> Result<Credentials> {
        credentials::credentials(context, &self.user_name, &self.user)
    }

    /// Host and port, as messages name the server.
    pub fn host(&self) -> String {
        let rest = self.server.split_once("://").map_or(self.server.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default().to_owned()
    }
}

fn chosen_context(config: &Config, overrides: &Overrides) -> Result<Value> {
    let name = match overrides.context.as_str() {
        "" => config.current_context.as_str(),
        name => name,
    };
    match config.contexts.get(name) {
        Some(context) => Ok(context.clone()),
        None if name.is_empty() => Ok(Value::Null),
        None => Err(Error::Configuration(vec![format!(
            "context was not found for specified context: {name}"
        )])),
    }
}

fn with_scheme(server: &str) -> String {
    if server.contains("://") { server.to_owned() } else { format!("http://{server}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_before_files() {
        let config = Config::read(
            "current-context: a\ncontexts: [{name: a, context: {cluster: c, namespace: team}}]\n\
             clusters: [{name: c, cluster: {server: 'https://127.0.0.1:6443'}}]",
        )
        .expect("valid");
        let chosen = Selection::choose(&config, &Overrides::default()).expect("valid");
        assert_eq!((chosen.host().as_str(), chosen.namespace.as_str()), ("127.0.0.1:6443", "team"));
        let overrides = Overrides { namespace: "x".into(), ..Overrides::default() };
        let chosen = Selection::choose(&config, &overrides).expect("valid");
        assert_eq!(chosen.namespace, "x");
        let overrides = Overrides { groups: vec!["dev".into()], ..Overrides::default() };
        let error = Selection::choose(&config, &overrides).expect_err("in the name of nobody");
        assert_eq!(
            error.report().0,
            "error: requesting uid, groups or user-extra for  without impersonating a user"
        );
        let overrides = Overrides { context: "b".into(), ..Overrides::default() };
        let error = Selection::choose(&config, &overrides).expect_err("no such context");
        assert_eq!(
            error.report().0,
            "Error in configuration: context was not found for specified context: b"
        );
    }
}
