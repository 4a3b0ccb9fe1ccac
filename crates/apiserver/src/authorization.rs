//! Who may do what: the RBAC authorizer, and the reviews that ask it.
//!
//! What is missing: the node authorizer, as kubelets are trusted.

use crate::codec;
use crate::request::{Request, ResourceTarget};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use crate::user::User;
use api::authorization::v1::{NonResourceAttributes, ResourceAttributes, SubjectAccessReview};
use api::field::ErrorList;
use api::rbac::v1::{ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject};
use api::{List, QualifiedResource, Status, Value, View, names, object};
use kinds::{Kind, rbac, table};
use std::fmt;

/// Whose members may do everything, whatever the roles say.
pub(crate) const MASTERS: &str = "system:masters";

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Question<'a> {
    pub(crate) verb: &'a str,
    /// The path of what is no resource; empty for resources.
    pub(crate) path: &'a str,
    pub(crate) group: &'a str,
    pub(crate) resource: &'a str,
    pub(crate) subresource: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) name: &'a str,
}

impl Question<'_> {
    fn is_allowed_by(&self, rule: PolicyRule<'_>) -> bool {
        if !(rule.verbs().has("*") || rule.verbs().has(self.verb)) {
            return false;
        }
        if !self.path.is_empty() {
            return rule.non_resource_urls().any(|url| match url.strip_suffix('*') {
                Some(start) => self.path.starts_with(start),
                None => url == self.path,
            });
        }
        let (groups, resources, names) =
            (rule.api_groups(), rule.resources(), rule.resource_names());
        let is_resource = |wanted: &str| {
            if self.subresource.is_empty() {
                return wanted == self.resource;
            }
            let (resource, subresource) = wanted.split_once('/').unwrap_or((wanted, ""));
            subresource == self.subresource && (resource == "*" || resource == self.resource)
        };
        (groups.has("*") || groups.has(self.group))
            && (resources.has("*") || resources.clone().any(is_resource))
            && (names.is_empty() || names.has(self.name))
    }

    /// The words in which a request is refused.
    fn refusal(&self, user: &str, reason: &str) -> Status {
        let user = api::go::quote(user);
        let colon = if reason.is_empty() { "" } else { ": " };
        if !self.path.is_empty() {
            let why =
                format!("User {user} cannot {} path \"{}\"{colon}{reason}", self.verb, self.path);
            return Status::forbidden(QualifiedResource { group: "", resource: "" }, "", &why);
        }
        let slash = if self.subresource.is_empty() { "" } else { "/" };
        let resource = format!("{}{slash}{}", self.resource, self.subresource);
        let place = match self.namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let why = format!(
            "User {user} cannot {} resource \"{resource}\" in API group \"{}\" {place}{colon}{reason}",
            self.verb, self.group
        );
        let about = QualifiedResource { group: self.group, resource: self.resource };
        Status::forbidden(about, self.name, &why)
    }
}

/// A binding that is about somebody, and the subject by which it is.
#[derive(Clone, Copy)]
struct Bound<'a> {
    kind: &'static str,
    name: &'a str,
    namespace: &'a str,
    role: RoleRef<'a>,
    subject: Subject<'a>,
}

/// A rule that applies to somebody, and the binding that makes it apply.
pub(crate) struct Grant<'a> {
    pub(crate) rule: PolicyRule<'a>,
    bound: Bound<'a>,
}

impl ApiServer {
    /// Refuses what no role of the user allows.
    pub(crate) fn check(&self, user: &User, question: Question<'_>) -> Result<(), Status> {
        match self.allows(user, question) {
            Ok(_) => Ok(()),
            Err(reason) => Err(question.refusal(&user.name, &reason)),
        }
    }

    /// Why it is allowed; otherwise what, apart from a role that allows it, is missing.
    pub(crate) fn allows(&self, user: &User, question: Question<'_>) -> Result<String, String> {
        if user.groups.iter().any(|group| group == MASTERS) {
            return Ok(String::new());
        }
        let mut grants = self.grants(user, question.namespace);
        match grants.find(|grant| question.is_allowed_by(grant.rule)) {
            Some(grant) => Ok(format!("RBAC: allowed by {}", grant.bound)),
            None => Err(self.missing_roles(user, question.namespace)),
        }
    }

    /// The rules that apply to a user: everywhere, and in one namespace.
    pub(crate) fn grants<'a>(
        &'a self,
        user: &'a User,
        namespace: &'a str,
    ) -> impl Iterator<Item = Grant<'a>> + 'a {
        self.bindings(user, namespace).flat_map(|bound| {
            let rules = self.role(bound).map(|role| role.get(&names::RULES).items());
            let rules = rules.into_iter().flatten();
            rules.map(move |rule| Grant { rule: PolicyRule::of(rule), bound })
        })
    }

    /// The roles that are bound to a user and do not exist, as an authorizer tells of them.
    fn missing_roles(&self, user: &User, namespace: &str) -> String {
        let bindings = self.bindings(user, namespace);
        let missing = bindings.filter(|bound| self.role(*bound).is_none());
        let missing: Vec<String> = missing.map(Bound::missing_role).collect();
        match missing.as_slice() {
            [] => String::new(),
            [only] => format!("RBAC: {only}"),
            several => format!("RBAC: [{}]", several.join(", ")),
        }
    }

    /// The bindings that are about a user: everywhere, and in one namespace.
    fn bindings<'a>(
        &'a self,
        user: &'a User,
        namespace: &'a str,
    ) -> impl Iterator<Item = Bound<'a>> + 'a {
        let everywhere = self.list_of(&rbac::cluster_role_binding::KIND, None);
        let everywhere = everywhere.filter_map(move |object| {
            let binding = ClusterRoleBinding::of(object);
            let mut subjects = binding.subjects();
            Some(Bound {
                kind: "ClusterRoleBinding",
                name: table::metadata(object).name(),
                namespace: "",
                role: binding.role_ref(),
                subject: subjects.find(|subject| is_meant(*subject, user, ""))?,
            })
        });
        let inside = (!namespace.is_empty())
            .then(|| self.list_of(&rbac::role_binding::KIND, Some(namespace)))
            .into_iter()
            .flatten();
        let inside = inside.filter_map(move |object| {
            let binding = RoleBinding::of(object);
            let mut subjects = binding.subjects();
            Some(Bound {
                kind: "RoleBinding",
                name: table::metadata(object).name(),
                namespace,
                role: binding.role_ref(),
                subject: subjects.find(|subject| is_meant(*subject, user, namespace))?,
            })
        });
        everywhere.chain(inside)
    }

    fn list_of<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Value> + 'a {
        self.store.list(self.resource(kind), namespace).map(|stored| &*stored.object)
    }

    fn role<'a>(&'a self, bound: Bound<'a>) -> Option<&'a Value> {
        let (kind, namespace) = match bound.role.kind() {
            "Role" => (&rbac::role::KIND, bound.namespace),
            _ => (&rbac::cluster_role::KIND, ""),
        };
        let found = self.store.get(self.resource(kind), namespace, bound.role.name());
        found.map(|stored| &*stored.object)
    }
}

/// Whether a subject of a binding is this user.
fn is_meant(subject: Subject<'_>, user: &User, namespace: &str) -> bool {
    match subject.kind() {
        "User" => user.name == *subject.name(),
        "Group" => user.groups.iter().any(|group| *group == *subject.name()),
        _ => {
            let namespace = match subject.namespace() {
                "" => namespace,
                namespace => namespace,
            };
            user.account() == Some((namespace, subject.name()))
        }
    }
}

impl Bound<'_> {
    fn missing_role(self) -> String {
        let kind = self.role.kind().to_lowercase();
        format!("{kind}.{} {} not found", rbac::GROUP, api::go::quote(self.role.name()))
    }
}

/// `ClusterRoleBinding "b" of ClusterRole "r" to User "jane"`
impl fmt::Display for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bound { kind, name, namespace, role, subject } = *self;
        write!(f, "{kind} \"{name}")?;
        if !namespace.is_empty() {
            write!(f, "/{namespace}")?;
        }
        let (role_kind, role, subject_kind) = (role.kind(), role.name(), subject.kind());
        write!(f, "\" of {role_kind} \"{role}\" to {subject_kind} \"{}", subject.name())?;
        let namespace = match subject.namespace() {
            "" => namespace,
            namespace => namespace,
        };
        if subject_kind == "ServiceAccount" && !namespace.is_empty() {
            write!(f, "/{namespace}")?;
        }
        f.write_str("\"")
    }
}

/// Reviews: questions that are answered and not stored.
impl ApiServer {
    /// Whether objects of a kind are such questions.
    pub(crate) fn is_review(kind: &Kind) -> bool {
        kind.is_virtual && kind.kind.ends_with("Review")
    }

    /// Answers a question.
    pub(crate) fn review(
        &self,
        request: &Request,
        target: &ResourceTarget,
        mut review: Value,
    ) -> Handled {
        let kind = target.kind;
        let mut errors = ErrorList::new();
        (kind.validate)(&review, &mut errors);
        if !errors.is_empty() {
            return Err(Status::invalid(kind.group, kind.kind, "", &errors));
        }
        let status = match kind.kind {
            "SelfSubjectReview" => object! { "userInfo": request.user.to_value() },
            "SelfSubjectRulesReview" => {
                let namespace = review["spec"]["namespace"].as_str().unwrap_or_default();
                self.rules_status(&request.user, namespace)
            }
            "TokenReview" => self.token_status(&review["spec"]),
            "SelfSubjectAccessReview" => self.access_status(&request.user, &review),
            _ => {
                let spec = SubjectAccessReview::of(&review).spec();
                let user = User {
                    name: spec.user().to_owned().into(),
                    groups: spec.groups().map(|group| group.to_owned().into()).collect(),
                    ..User::default()
                };
                self.access_status(&user, &review)
            }
        };
        review.make_map().insert(&names::STATUS, status);
        let review = api::canonical(kind.ty, &review);
        let value = codec::encode_object(kind, &review, request, self.now());
        Ok(Response::with_code(201, value))
    }

    fn access_status(&self, user: &User, review: &Value) -> Value {
        let spec = SubjectAccessReview::of(review).spec();
        let question = match (spec.resource_attributes(), spec.non_resource_attributes()) {
            (Some(resource), _) => of_resource(resource),
            (None, Some(other)) => of_path(other),
            (None, None) => Question::default(),
        };
        match self.allows(user, question) {
            Ok(reason) => object! { "allowed": true, "reason": reason },
            Err(reason) => object! { "allowed": false, "reason": reason },
        }
    }

    fn rules_status(&self, user: &User, namespace: &str) -> Value {
        let (mut resources, mut others) = (List::default(), List::default());
        for grant in self.grants(user, namespace) {
            let rule = grant.rule.value();
            let part = |keys: &[&'static str]| {
                let mut part = Value::EMPTY_MAP;
                for key in keys {
                    if !rule[*key].is_null() {
                        part.make_map().insert(*key, rule[*key].clone());
                    }
                }
                part
            };
            if !grant.rule.resources().is_empty() {
                resources.push(part(&["verbs", "apiGroups", "resources", "resourceNames"]));
            }
            if !grant.rule.non_resource_urls().is_empty() {
                others.push(part(&["verbs", "nonResourceURLs"]));
            }
        }
        object! {
            "resourceRules": Value::List(resources),
            "nonResourceRules": Value::List(others),
            "incomplete": false,
        }
    }
}

fn of_resource<'a>(attributes: ResourceAttributes<'a>) -> Question<'a> {
    Question {
        verb: attributes.verb(),
        path: "",
        group: attributes.group(),
        resource: attributes.resource(),
        subresource: attributes.subresource(),
        namespace: attributes.namespace(),
        name: attributes.name(),
    }
}

fn of_path<'a>(attributes: NonResourceAttributes<'a>) -> Question<'a> {
    Question { verb: attributes.verb(), path: attributes.path(), ..Question::default() }
}
