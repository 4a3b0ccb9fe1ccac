//! Who sends a request: credentials, and users who act as others.
//!
//! Models a server with client certificates, tokens of service accounts and anonymous requests.

use crate::authorization::Question;
use crate::request::{HttpRequest, Request};
use crate::request_info::RequestInfo;
use crate::response::{Response, ResponseBody};
use crate::server::ApiServer;
use crate::user::{Credentials, Impersonation, User};
use api::{Reason, Status, Text};

/// The group of what can be impersonated beside names and groups.
const AUTHENTICATION_GROUP: &str = "authentication.k8s.io";
const INTERNAL_ERROR: u16 = 500;

impl ApiServer {
    /// Lets whoever shows this certificate (base64) in as `user`.
    pub fn trust_certificate(&mut self, certificate: impl Into<Text>, user: User) {
        self.certificates.insert(certificate.into(), user);
    }

    /// Makes a request of what HTTP has, if its sender may make it.
    ///
    /// # Errors
    /// The refusal, as the client gets it.
    pub(crate) fn receive(&self, http: HttpRequest) -> Result<Request, Box<Response>> {
        let refuse = |status: Status| Box::new(Response::from(status));
        let sender = self.authenticate(&http.credentials).map_err(refuse)?;
        let user = self.impersonate(sender, &http.credentials.impersonation, &http.path)?;
        let info = RequestInfo::read(http.method, &http.path);
        self.check(&user, info.question()).map_err(refuse)?;
        self.parse(http, user).map_err(refuse)
    }

    /// The user whom credentials belong to. Each that is valid is enough; who shows none at all is
    /// anonymous.
    fn authenticate(&self, credentials: &Credentials) -> Result<User, Status> {
        let Credentials { user, certificate, token, impersonation: _ } = credentials;
        let found = (user.clone())
            .or_else(|| self.certificates.get(certificate.as_ref()?).cloned())
            .or_else(|| self.token_user(token.as_ref()?));
        match found {
            Some(user) => Ok(user),
            None if certificate.is_none() && token.is_none() => Ok(User::anonymous()),
            None => Err(Status::new(Reason::Unauthorized, "Unauthorized")),
        }
    }

    /// The user that the sender wants to be, if he may.
    fn impersonate(
        &self,
        sender: User,
        wanted: &Impersonation,
        path: &str,
    ) -> Result<User, Box<Response>> {
        if wanted.is_empty() {
            return Ok(sender);
        }
        if wanted.name.is_empty() {
            return Err(Box::new(impersonates_nobody(wanted, path)));
        }
        let user = wanted.user();
        let named = |resource, name| Question { resource, name, ..Question::default() };
        let mut questions = vec![match user.account() {
            Some((namespace, name)) => Question { namespace, ..named("serviceaccounts", name) },
            None => named("users", &wanted.name),
        }];
        questions.extend(wanted.groups.iter().map(|group| named("groups", group)));
        let of_group = |question| Question { group: AUTHENTICATION_GROUP, ..question };
        questions.extend(wanted.extra.iter().map(|(key, value)| {
            of_group(Question { subresource: key, ..named("userextras", value) })
        }));
        if !wanted.uid.is_empty() {
            questions.push(of_group(named("uids", &wanted.uid)));
        }
        for question in questions {
            let question = Question { verb: "impersonate", ..question };
            self.check(&sender, question).map_err(|status| Box::new(status.into()))?;
        }
        Ok(user)
    }
}

/// A client that names groups but no user is told so as by Go's web server.
fn impersonates_nobody(wanted: &Impersonation, path: &str) -> Response {
    // The form in which Go prints references to objects.
    let reference = |kind: &str, name: &str, version: &str, key: &str| {
        format!("{{{kind}  {name}  {version}  {key}}}")
    };
    let version = format!("{AUTHENTICATION_GROUP}/v1");
    let mut all: Vec<String> =
        wanted.groups.iter().map(|group| reference("Group", group, "", "")).collect();
    all.extend(
        wanted.extra.iter().map(|(key, value)| reference("UserExtra", value, &version, key)),
    );
    if !wanted.uid.is_empty() {
        all.push(reference("UID", &wanted.uid, &version, ""));
    }
    let text = format!(
        "Internal Server Error: {}: requested [{}] without impersonating a user\n",
        api::go::quote(path),
        all.join(" ")
    );
    Response { code: INTERNAL_ERROR, body: ResponseBody::Text(text), warnings: Vec::new() }
}
