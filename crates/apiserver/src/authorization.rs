//! Who may do what: the RBAC authorizer, and the reviews that ask it.
//!
//! What is missing: the node authorizer, as kubelets are trusted.

use crate::codec;
use crate::request::{Request, ResourceTarget, Target, User};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use api::authorization::v1::{NonResourceAttributes, ResourceAttributes, SubjectAccessReview};
use api::field::ErrorList;
use api::rbac::v1::{ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject};
use api::{List, QualifiedResource, Status, Value, View, names, object};
use kinds::{Kind, rbac, table};

/// Whose members may do everything, whatever the roles say.
pub(crate) const MASTERS: &str = "system:masters";
const ACCOUNT_PREFIX: &str = "system:serviceaccount:";

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
    fn refusal(&self, user: &str) -> Status {
        let user = api::go::quote(user);
        if !self.path.is_empty() {
            let why = format!("User {user} cannot {} path \"{}\"", self.verb, self.path);
            return Status::forbidden(QualifiedResource { group: "", resource: "" }, "", &why);
        }
        let slash = if self.subresource.is_empty() { "" } else { "/" };
        let resource = format!("{}{slash}{}", self.resource, self.subresource);
        let place = match self.namespace {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let why = format!(
            "User {user} cannot {} resource \"{resource}\" in API group \"{}\" {place}",
            self.verb, self.group
        );
        let about = QualifiedResource { group: self.group, resource: self.resource };
        Status::forbidden(about, self.name, &why)
    }
}

/// A rule that applies to somebody, and the binding that makes it apply.
pub(crate) struct Grant<'a> {
    pub(crate) rule: PolicyRule<'a>,
    binding: String,
}

impl ApiServer {
    /// Refuses a request whose sender has no role that allows it.
    pub(crate) fn authorize(&self, request: &Request) -> Result<(), Status> {
        let method = request.method.as_str().to_lowercase();
        let question = match &request.target {
            Target::Path(path) => Question { verb: &method, path, ..Question::default() },
            Target::Resource(target) => Question {
                verb: target.verb.as_str(),
                group: target.kind.group,
                resource: target.kind.plural,
                subresource: &target.subresource,
                namespace: &target.namespace,
                name: &target.name,
                path: "",
            },
        };
        match self.allows(&request.user, question) {
            Some(_) => Ok(()),
            None => Err(question.refusal(&request.user.name)),
        }
    }

    /// Why it is allowed, if it is.
    pub(crate) fn allows(&self, user: &User, question: Question<'_>) -> Option<String> {
        if user.groups.iter().any(|group| group == MASTERS) {
            return Some(String::new());
        }
        let mut grants = self.grants(user, question.namespace);
        let grant = grants.find(|grant| question.is_allowed_by(grant.rule))?;
        Some(format!("RBAC: allowed by {}", grant.binding))
    }

    /// The rules that apply to a user: everywhere, and in one namespace.
    pub(crate) fn grants<'a>(
        &'a self,
        user: &'a User,
        namespace: &'a str,
    ) -> impl Iterator<Item = Grant<'a>> + 'a {
        let everywhere = self.list_of(&rbac::cluster_role_binding::KIND, None);
        let everywhere = everywhere.flat_map(move |object| {
            let binding = ClusterRoleBinding::of(object);
            let mut subjects = binding.subjects();
            let subject = subjects.find(|subject| is_meant(*subject, user, ""));
            let name = table::metadata(object).name();
            subject
                .map(|subject| {
                    let binding_text = describe(
                        "ClusterRoleBinding",
                        name.to_owned(),
                        binding.role_ref(),
                        subject,
                        "",
                    );
                    self.granted("", binding.role_ref(), binding_text)
                })
                .unwrap_or_default()
        });
        let inside = (!namespace.is_empty())
            .then(|| self.list_of(&rbac::role_binding::KIND, Some(namespace)))
            .into_iter()
            .flatten();
        let inside = inside.flat_map(move |object| {
            let binding = RoleBinding::of(object);
            let mut subjects = binding.subjects();
            let subject = subjects.find(|subject| is_meant(*subject, user, namespace));
            let name = format!("{}/{namespace}", table::metadata(object).name());
            subject
                .map(|subject| {
                    let binding_text =
                        describe("RoleBinding", name, binding.role_ref(), subject, namespace);
                    self.granted(namespace, binding.role_ref(), binding_text)
                })
                .unwrap_or_default()
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

    fn granted<'a>(
        &'a self,
        namespace: &str,
        role: RoleRef<'_>,
        binding: String,
    ) -> Vec<Grant<'a>> {
        let (kind, namespace) = match role.kind() {
            "Role" => (&rbac::role::KIND, namespace),
            _ => (&rbac::cluster_role::KIND, ""),
        };
        let Some(role) = self.store.get(self.resource(kind), namespace, role.name()) else {
            return Vec::new();
        };
        let rules = role.object.get(&names::RULES).items().iter();
        rules.map(|rule| Grant { rule: PolicyRule::of(rule), binding: binding.clone() }).collect()
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
            let account = user.name.as_str().strip_prefix(ACCOUNT_PREFIX);
            account.and_then(|account| account.split_once(':')) == Some((namespace, subject.name()))
        }
    }
}

/// `ClusterRoleBinding "b" of ClusterRole "r" to User "jane"`
fn describe(
    kind: &str,
    name: String,
    role: RoleRef<'_>,
    subject: Subject<'_>,
    namespace: &str,
) -> String {
    let namespace = match subject.namespace() {
        "" => namespace,
        namespace => namespace,
    };
    let subject_name = match (subject.kind(), namespace) {
        ("ServiceAccount", namespace) if !namespace.is_empty() => {
            format!("{}/{namespace}", subject.name())
        }
        _ => subject.name().to_owned(),
    };
    format!(
        "{kind} \"{name}\" of {} \"{}\" to {} \"{subject_name}\"",
        role.kind(),
        role.name(),
        subject.kind()
    )
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
            "SelfSubjectReview" => object! { "userInfo": user_info(&request.user) },
            "SelfSubjectRulesReview" => {
                let namespace = review["spec"]["namespace"].as_str().unwrap_or_default();
                self.rules_status(&request.user, namespace)
            }
            "TokenReview" => {
                self.token_status(review["spec"]["token"].as_str().unwrap_or_default())
            }
            "SelfSubjectAccessReview" => self.access_status(&request.user, &review),
            _ => {
                let spec = SubjectAccessReview::of(&review).spec();
                let user = User {
                    name: spec.user().to_owned().into(),
                    groups: spec.groups().map(|group| group.to_owned().into()).collect(),
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
            Some(reason) => object! { "allowed": true, "reason": reason },
            None => object! { "allowed": false },
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

fn user_info(user: &User) -> Value {
    let groups: List = user.groups.iter().map(|group| Value::from(group.clone())).collect();
    object! { "username": user.name.clone(), "groups": Value::List(groups) }
}
