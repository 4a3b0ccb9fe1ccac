//! The subresource `token`: a signed statement that somebody is a service account.
//!
//! A token is valid as long as what it is bound to exists, and no longer than it says itself.

use crate::codec;
use crate::request::{Request, ResourceTarget, Verb};
use crate::response::Response;
use crate::server::{ApiServer, Handled};
use crate::user::User;
use api::field::{ErrorList, Path};
use api::schema::types;
use api::{List, Status, Text, Value, decode, names, object};
use kinds::{Kind, core, table};
use std::time::Duration;

/// Who issues the tokens, and whom they are for unless the client says otherwise.
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
const DEFAULT_SECONDS: i64 = 3_600;
const SECONDS_MIN: i64 = 600;
const SECONDS_MAX: i64 = 1 << 32;

impl ApiServer {
    /// Issues a token for a service account.
    pub(crate) fn create_token(&mut self, request: &Request, target: &ResourceTarget) -> Handled {
        if target.verb != Verb::Create {
            return Err(Status::method_not_supported(target.qualified(), target.verb.as_str()));
        }
        let account = self.stored(target)?.object.clone();
        let body = codec::document(request)?;
        let decoded = decode(types::AUTHENTICATION_V1_TOKEN_REQUEST, &body)
            .map_err(|error| Status::bad_request(error.0))?;
        let mut answer = codec::without_type(decoded.value);
        answer.update(&names::SPEC, |spec| {
            if spec["audiences"].items().is_empty() {
                spec.make_map().insert("audiences", api::list![ISSUER]);
            }
            if spec["expirationSeconds"].is_null() {
                spec.make_map().insert("expirationSeconds", DEFAULT_SECONDS);
            }
        });
        check(&answer)?;
        let spec = answer.get(&names::SPEC).clone();
        let bound = self.bound_object(target, &spec["boundObjectRef"])?;
        let seconds = spec["expirationSeconds"].as_i64().unwrap_or(DEFAULT_SECONDS);
        let token = self.token(target, &account, &spec["audiences"], seconds, bound);
        let expires = self.now() + Duration::from_secs(seconds.unsigned_abs());
        let metadata = object! {
            "name": Text::from(target.name.clone()),
            "namespace": Text::from(target.namespace.clone()),
            "creationTimestamp": self.now().rfc3339(),
        };
        let answer = object! {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": metadata,
            "spec": spec,
            "status": object! { "token": token, "expirationTimestamp": expires.rfc3339() },
        };
        Ok(Response::with_code(201, answer))
    }

    /// The object with whose end the token ends, as the token names it.
    fn bound_object(
        &self,
        target: &ResourceTarget,
        reference: &Value,
    ) -> Result<Option<(&'static str, Value)>, Status> {
        if reference.is_null() {
            return Ok(None);
        }
        let text = |name: &str| reference[name].as_str().unwrap_or_default();
        let (kind, key): (&'static Kind, _) = match (text("apiVersion"), text("kind")) {
            ("v1", "Pod") => (&core::pod::KIND, "pod"),
            ("v1", "Secret") => (&core::secret::KIND, "secret"),
            (version, kind) => {
                let why = format!(
                    "cannot bind token to object of type {}",
                    match version.split_once('/') {
                        Some((group, version)) => format!("{group}/{version}, Kind={kind}"),
                        None => format!("/{version}, Kind={kind}"),
                    }
                );
                return Err(Status::bad_request(why));
            }
        };
        let resource = self.resource(kind);
        let found = self.store.get(resource, &target.namespace, text("name"));
        let found = found.ok_or_else(|| Status::not_found(kind.qualified(), text("name")))?;
        let uid = table::metadata(&found.object).uid();
        if !text("uid").is_empty() && text("uid") != uid {
            let why = format!(
                "the UID in the bound object reference ({}) does not match the UID in record. The \
                 object might have been deleted and then recreated",
                text("uid")
            );
            return Err(Status::conflict(kind.qualified(), text("name"), &why));
        }
        Ok(Some((key, object! { "name": text("name").to_owned(), "uid": uid.to_owned() })))
    }

    fn token(
        &self,
        target: &ResourceTarget,
        account: &Value,
        audiences: &Value,
        seconds: i64,
        bound: Option<(&'static str, Value)>,
    ) -> String {
        let now = (self.now().to_utc()).unix_timestamp();
        let mut about = object! {
            "namespace": Text::from(target.namespace.clone()),
            "serviceaccount": object! {
                "name": Text::from(target.name.clone()),
                "uid": table::metadata(account).uid().to_owned(),
            },
        };
        if let Some((key, bound)) = bound {
            about.make_map().insert(key, bound);
        }
        let claims = object! {
            "aud": audiences,
            "exp": now + seconds,
            "iat": now,
            "iss": ISSUER,
            "kubernetes.io": about,
            "nbf": now,
            "sub": format!("system:serviceaccount:{}:{}", target.namespace, target.name),
        };
        self.token_signer.sign(&claims)
    }
}

impl ApiServer {
    /// Whom a token is about, as a TokenReview answers it.
    pub(crate) fn token_status(&self, spec: &Value) -> Value {
        let wanted = match spec["audiences"].items() {
            [] => vec![Value::from(ISSUER)],
            wanted => wanted.to_vec(),
        };
        let found = self.claims_user(spec["token"].as_str().unwrap_or_default());
        let found = found.and_then(|(user, claims)| {
            let audiences: List =
                wanted.into_iter().filter(|one| claims["aud"].items().contains(one)).collect();
            (!audiences.is_empty()).then_some((user, audiences))
        });
        match found {
            Some((user, audiences)) => object! {
                "authenticated": true,
                "user": user.to_value(),
                "audiences": Value::List(audiences),
            },
            None => object! { "authenticated": false, "error": "invalid bearer token" },
        }
    }

    /// Whom a token lets into the API server.
    pub(crate) fn token_user(&self, token: &str) -> Option<User> {
        let (user, claims) = self.claims_user(token)?;
        claims["aud"].items().iter().any(|audience| *audience == ISSUER).then_some(user)
    }

    /// Whom a token is about, and all that it says, if it is valid.
    fn claims_user(&self, token: &str) -> Option<(User, Value)> {
        let claims = self.token_signer.verify(token)?;
        let about = &claims["kubernetes.io"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let namespace = text(&about["namespace"]);
        let (name, uid) =
            (text(&about["serviceaccount"]["name"]), text(&about["serviceaccount"]["uid"]));
        let resource = self.resource(&core::service_account::KIND);
        let account = &self.store.get(resource, &namespace, &name)?.object;
        let is_valid = claims["iss"] == ISSUER
            && claims["exp"].as_i64()? > self.now().to_utc().unix_timestamp()
            && table::metadata(account).uid() == uid
            && self.is_bound_to_what_exists(&namespace, about);
        if !is_valid {
            return None;
        }
        let mut user = User::service_account(&namespace, &name, &uid);
        let pod = &about["pod"];
        if !pod.is_null() {
            let extra = [("pod-name", "name"), ("pod-uid", "uid")].map(|(key, field)| {
                let key = format!("authentication.kubernetes.io/{key}");
                (key.into(), text(&pod[field]).into())
            });
            user.extra = extra.into();
        }
        Some((user, claims))
    }

    fn is_bound_to_what_exists(&self, namespace: &str, about: &Value) -> bool {
        let bound = [("pod", &core::pod::KIND), ("secret", &core::secret::KIND)];
        bound.into_iter().filter(|(key, _)| !about[*key].is_null()).all(|(key, kind)| {
            let name = about[key]["name"].as_str().unwrap_or_default();
            let found = self.store.get(self.resource(kind), namespace, name);
            found.is_some_and(|found| {
                about[key]["uid"].as_str() == Some(table::metadata(&found.object).uid())
            })
        })
    }
}

fn check(token_request: &Value) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    let spec = Path::new("spec");
    let at = spec.child("expirationSeconds");
    let seconds = token_request["spec"]["expirationSeconds"].as_i64().unwrap_or(DEFAULT_SECONDS);
    if seconds < SECONDS_MIN {
        errors.invalid(&at, seconds, "may not specify a duration less than 10 minutes");
    }
    if seconds > SECONDS_MAX {
        errors.invalid(&at, seconds, "may not specify a duration larger than 2^32 seconds");
    }
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("authentication.k8s.io", "TokenRequest", "", &errors))
}
