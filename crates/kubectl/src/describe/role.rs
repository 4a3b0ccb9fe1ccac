//! Roles and ClusterRoles.

use super::Subject;
use super::text::{Description, go_list, line};
use crate::errors::Result;
use api::View;
use api::rbac::v1::{PolicyRule, Role};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    // A ClusterRole has the same rules.
    let role = Role::of(&subject.object);
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", role.metadata().name());
    out.labels("", "Labels", role.metadata().labels());
    out.annotations("Annotations", role.metadata().annotations());
    line!(out, 0, "PolicyRule:");
    line!(out, 1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    line!(out, 1, "---------\t-----------------\t--------------\t-----");
    for grant in grants(role.rules()) {
        let list = |text: &str| go_list(Some(text).filter(|text| !text.is_empty()));
        line!(
            out,
            1,
            "{}\t{}\t{}\t{}",
            grant.resource_text(),
            list(&grant.url),
            list(&grant.name),
            go_list(grant.verbs.iter().map(String::as_str))
        );
    }
    Ok(out)
}

/// What may be done to one resource, one object or one URL.
#[derive(Clone, Debug, Default)]
struct Grant {
    group: String,
    resource: String,
    name: String,
    url: String,
    verbs: Vec<String>,
}

impl Grant {
    /// `deployments.apps/scale`
    fn resource_text(&self) -> String {
        let (resource, subresource) = match self.resource.split_once('/') {
            Some((resource, subresource)) => (resource, format!("/{subresource}")),
            None => (self.resource.as_str(), String::new()),
        };
        format!("{}{subresource}", crate::discovery::join_group(resource, &self.group))
    }

    /// Grants are shown in the order of what Go prints of them.
    fn order(&self) -> String {
        let list = |text: &str| go_list(Some(text).filter(|text| !text.is_empty()));
        let is_resource = self.url.is_empty();
        format!(
            "&PolicyRule{{Verbs:{},APIGroups:{},Resources:{},ResourceNames:{},\
             NonResourceURLs:{},}}",
            go_list(self.verbs.iter().map(String::as_str)),
            if is_resource { format!("[{}]", self.group) } else { "[]".to_owned() },
            list(&self.resource),
            list(&self.name),
            list(&self.url)
        )
    }
}

/// Takes rules apart and puts the verbs for the same thing together.
fn grants<'a>(rules: impl Iterator<Item = PolicyRule<'a>>) -> Vec<Grant> {
    let mut by_resource: BTreeMap<(String, String, String), Grant> = BTreeMap::new();
    let mut urls: Vec<Grant> = Vec::new();
    for rule in rules {
        for (group, resource) in rule
            .api_groups()
            .flat_map(|group| rule.resources().map(move |resource| (group, resource)))
        {
            let mut names: Vec<&str> = rule.resource_names().collect();
            if names.is_empty() {
                names.push("");
            }
            for name in names {
                let key = (group.to_owned(), resource.to_owned(), name.to_owned());
                let grant = by_resource.entry(key).or_insert_with(|| Grant {
                    group: group.to_owned(),
                    resource: resource.to_owned(),
                    name: name.to_owned(),
                    ..Grant::default()
                });
                for verb in rule.verbs() {
                    if !grant.verbs.iter().any(|known| known == verb) {
                        grant.verbs.push(verb.to_owned());
                    }
                }
            }
        }
        for (url, verb) in
            rule.non_resource_urls().flat_map(|url| rule.verbs().map(move |verb| (url, verb)))
        {
            urls.push(Grant {
                url: url.to_owned(),
                verbs: vec![verb.to_owned()],
                ..Grant::default()
            });
        }
    }
    urls.extend(by_resource.into_values());
    urls.sort_by_key(Grant::order);
    urls
}
