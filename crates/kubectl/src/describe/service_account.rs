//! ServiceAccounts.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::View;
use api::core::v1::{Secret, ServiceAccount};
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let account: ServiceAccount<'_> = subject.view();
    let metadata = account.metadata();
    let secrets = subject.list(&subject.core_path("secrets"), &[]).await.unwrap_or_default();
    let secrets: Vec<Secret<'_>> = secrets.iter().map(Secret::of).collect();
    let is_token = |secret: &&Secret<'_>| {
        let annotations = secret.metadata().annotations();
        secret.type_() == "kubernetes.io/service-account-token"
            && annotations.get("kubernetes.io/service-account.name") == Some(metadata.name())
            && annotations.get("kubernetes.io/service-account.uid") == Some(metadata.uid())
    };
    let tokens = secrets.iter().filter(is_token).map(|secret| secret.metadata().name()).collect();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", metadata.name());
    line!(out, 0, "Namespace:\t{}", metadata.namespace());
    out.labels("", "Labels", metadata.labels());
    out.annotations("Annotations", metadata.annotations());
    let groups: [(&str, Vec<&str>); 3] = [
        ("Image pull secrets:", account.image_pull_secrets().map(|secret| secret.name()).collect()),
        ("Mountable secrets: ", account.secrets().map(|secret| secret.name()).collect()),
        ("Tokens:            ", tokens),
    ];
    for (title, names) in groups {
        if names.is_empty() {
            line!(out, 0, "{title}\t<none>");
        }
        let mut start = title.to_owned();
        for name in names {
            let is_there = secrets.iter().any(|secret| secret.metadata().name() == name);
            line!(out, 0, "{start}\t{name}{}", if is_there { "" } else { " (not found)" });
            start = " ".repeat(title.len());
        }
    }
    subject.with_events(out).await
}
