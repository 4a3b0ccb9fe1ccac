//! Who makes a request, and how he says so.

use api::{List, Map, Text, Value, object};
use std::rc::Rc;

const ANONYMOUS: &str = "system:anonymous";
const AUTHENTICATED: &str = "system:authenticated";
const UNAUTHENTICATED: &str = "system:unauthenticated";
const ACCOUNT_PREFIX: &str = "system:serviceaccount:";

/// Who makes a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name: `kubernetes-admin`, `system:serviceaccount:default:default`.
    pub name: Text,
    /// The uid; empty for users who have none.
    pub uid: Text,
    /// The groups: `system:masters`.
    pub groups: Rc<[Text]>,
    /// What else is known of him: a key and a value, the keys in order.
    pub extra: Rc<[(Text, Text)]>,
}

impl User {
    /// A user in these groups.
    pub fn new(name: impl Into<Text>, groups: &[&'static str]) -> User {
        let groups = groups.iter().map(|group| Text::from(*group)).collect();
        User { name: name.into(), groups, ..User::default() }
    }

    /// Who shows no credentials.
    pub(crate) fn anonymous() -> User {
        User::new(ANONYMOUS, &[UNAUTHENTICATED])
    }

    /// A service account.
    pub(crate) fn service_account(namespace: &str, name: &str, uid: &str) -> User {
        let groups = groups_of_account(namespace).into_iter().chain([AUTHENTICATED.into()]);
        User {
            name: format!("{ACCOUNT_PREFIX}{namespace}:{name}").into(),
            uid: uid.to_owned().into(),
            groups: groups.collect(),
            extra: Rc::default(),
        }
    }

    /// Namespace and name, if it is a service account.
    pub(crate) fn account(&self) -> Option<(&str, &str)> {
        self.name.as_str().strip_prefix(ACCOUNT_PREFIX)?.split_once(':')
    }

    /// The user as reviews and requests for certificates describe him.
    pub(crate) fn to_value(&self) -> Value {
        let groups: List = self.groups.iter().map(|group| Value::from(group.clone())).collect();
        let mut value = object! { "username": self.name.clone() };
        let map = value.make_map();
        if !self.uid.is_empty() {
            map.insert("uid", self.uid.clone());
        }
        map.insert("groups", Value::List(groups));
        if !self.extra.is_empty() {
            let mut extra = Map::default();
            for (key, _) in self.extra.iter() {
                let of_key = self.extra.iter().filter(|(other, _)| other == key);
                let values: List = of_key.map(|(_, value)| Value::from(value.clone())).collect();
                extra.insert(key.as_str(), Value::List(values));
            }
            map.insert("extra", Value::Map(extra));
        }
        value
    }
}

fn groups_of_account(namespace: &str) -> [Text; 2] {
    ["system:serviceaccounts".into(), format!("system:serviceaccounts:{namespace}").into()]
}

/// What a request carries to say who makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The user, if whoever passes the request on knows him already.
    pub user: Option<User>,
    /// The client's certificate, in base64.
    pub certificate: Option<Text>,
    /// The bearer token.
    pub token: Option<Text>,
    /// Whom the user wants to be.
    pub impersonation: Impersonation,
}

impl From<User> for Credentials {
    fn from(user: User) -> Credentials {
        Credentials { user: Some(user), ..Credentials::default() }
    }
}

/// Somebody whom the sender of a request wants to be: the headers `Impersonate-…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impersonation {
    /// `Impersonate-User`; empty for nobody.
    pub name: Text,
    /// `Impersonate-Uid`
    pub uid: Text,
    /// `Impersonate-Group`
    pub groups: Vec<Text>,
    /// `Impersonate-Extra-…`: keys, and one value each.
    pub extra: Vec<(Text, Text)>,
}

impl Impersonation {
    /// Whether the sender is to be himself.
    pub fn is_empty(&self) -> bool {
        *self == Impersonation::default()
    }

    /// The user that the sender becomes.
    pub(crate) fn user(&self) -> User {
        let mut user = User { name: self.name.clone(), ..User::default() };
        let mut groups = self.groups.clone();
        if groups.is_empty()
            && let Some((namespace, _)) = user.account()
        {
            groups.extend(groups_of_account(namespace));
        }
        let is_known = |group: &Text| *group == AUTHENTICATED || *group == UNAUTHENTICATED;
        if !groups.iter().any(is_known) {
            let group = if self.name == ANONYMOUS { UNAUTHENTICATED } else { AUTHENTICATED };
            groups.push(group.into());
        }
        let mut extra = self.extra.clone();
        extra.sort_by(|(one, _), (other, _)| one.cmp(other));
        user.uid = self.uid.clone();
        user.groups = groups.into();
        user.extra = extra.into();
        user
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acts_as_somebody_has_his_groups() {
        let check = |name: &'static str, groups: &[&'static str], expected: &[&str]| {
            let groups = groups.iter().map(|group| Text::from(*group)).collect();
            let user = Impersonation { name: name.into(), groups, ..Impersonation::default() };
            let user = user.user();
            let found: Vec<&str> = user.groups.iter().map(Text::as_str).collect();
            assert_eq!(found, expected, "{name}");
        };
        check("jane", &[], &["system:authenticated"]);
        check("jane", &["dev"], &["dev", "system:authenticated"]);
        check("system:anonymous", &[], &["system:unauthenticated"]);
        let account = "system:serviceaccount:web:default";
        let all = ["system:serviceaccounts", "system:serviceaccounts:web", "system:authenticated"];
        check(account, &[], &all);
        check(account, &["dev"], &["dev", "system:authenticated"]);
    }
}
