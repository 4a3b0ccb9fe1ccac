//! From what people type and what manifests say to resources.

use super::{Discovery, Mapping, join_group};
use crate::errors::Error;
use std::rc::Rc;

impl Discovery {
    /// The resource that an argument names: `deploy`, `Deployment`, `deployments.apps`,
    /// `deployments.v1.apps`.
    pub fn find(&self, argument: &str) -> Option<Rc<Mapping>> {
        let mut parts = argument.splitn(3, '.');
        let (name, second, third) = (parts.next().unwrap_or(""), parts.next(), parts.next());
        if let (Some(version), Some(group)) = (second, third)
            && let Some(found) = self.resource(name, group, version)
        {
            // The version must exist, but the preferred one is used.
            return self.kind_of_group(&found.group, &found.kind).ok();
        }
        let group = argument.split_once('.').map_or("", |(_, group)| group);
        self.resource(name, group, "").or_else(|| self.kind_argument(name, group, second, third))
    }

    /// A resource by name, in the preferred version unless one is given; the group may be cut
    /// short.
    fn resource(&self, name: &str, group: &str, version: &str) -> Option<Rc<Mapping>> {
        let name = name.to_lowercase();
        let fits = |mapping: &Mapping, is_group: &dyn Fn(&str) -> bool| {
            is_group(&mapping.group) && (version.is_empty() || mapping.version == version)
        };
        let search = |is_name: &dyn Fn(&Mapping) -> bool, is_group: &dyn Fn(&str) -> bool| {
            self.resources.iter().find(|m| is_name(m) && fits(m, is_group)).cloned()
        };
        let full = |mapping: &Mapping| mapping.resource == name || mapping.singular == name;
        let short = |mapping: &Mapping| mapping.short_names.contains(&name);
        let exact = |known: &str| group.is_empty() || known == group;
        let prefix = |known: &str| !group.is_empty() && known.starts_with(group);
        search(&full, &exact)
            .or_else(|| search(&short, &exact))
            .or_else(|| search(&full, &prefix))
            .or_else(|| search(&short, &prefix))
    }

    /// A kind as an argument, spelled exactly: `HorizontalPodAutoscaler.v2.autoscaling`.
    fn kind_argument(
        &self,
        kind: &str,
        group: &str,
        second: Option<&str>,
        third: Option<&str>,
    ) -> Option<Rc<Mapping>> {
        if let (Some(version), Some(group)) = (second, third)
            && let Ok(found) = self.kind(group, version, kind)
        {
            return Some(found);
        }
        self.kind_of_group(group, kind).ok()
    }

    /// The resource of a kind in a version.
    pub fn kind(&self, group: &str, version: &str, kind: &str) -> Result<Rc<Mapping>, Error> {
        let find = |is_kind: &dyn Fn(&Mapping) -> bool| {
            self.resources.iter().find(|m| m.version == version && is_kind(m))
        };
        // A kind in small letters is known too; the server has its own opinion about it.
        let found = find(&|m| m.is_kind(group, kind))
            .or_else(|| find(&|m| m.group == group && m.kind.to_lowercase() == kind));
        found.cloned().ok_or_else(|| Error::NoKind {
            kind: kind.to_owned(),
            version: super::join_version(group, version),
        })
    }

    /// The resource of a kind in the preferred version.
    pub fn kind_of_group(&self, group: &str, kind: &str) -> Result<Rc<Mapping>, Error> {
        let found = self.resources.iter().find(|mapping| mapping.is_kind(group, kind));
        found
            .cloned()
            .ok_or_else(|| Error::NoKind { kind: kind.to_owned(), version: group.to_owned() })
    }

    /// The resources of a category such as `all`; none if there is no such category.
    pub fn category(&self, category: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for mapping in &self.resources {
            let name = join_group(&mapping.resource, &mapping.group);
            if mapping.categories.iter().any(|c| c == category) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::Group;

    fn mapping(group: &str, version: &str, resource: &str, kind: &str, short: &str) -> Rc<Mapping> {
        Rc::new(Mapping {
            group: group.into(),
            version: version.into(),
            resource: resource.into(),
            singular: kind.to_lowercase(),
            kind: kind.into(),
            short_names: vec![short.into()],
            categories: vec!["all".into()],
            ..Mapping::default()
        })
    }

    fn discovery() -> Discovery {
        Discovery {
            groups: vec![Group::default()],
            resources: vec![
                mapping("", "v1", "events", "Event", "ev"),
                mapping("apps", "v1", "deployments", "Deployment", "deploy"),
                mapping(
                    "autoscaling",
                    "v2",
                    "horizontalpodautoscalers",
                    "HorizontalPodAutoscaler",
                    "hpa",
                ),
                mapping(
                    "autoscaling",
                    "v1",
                    "horizontalpodautoscalers",
                    "HorizontalPodAutoscaler",
                    "hpa",
                ),
                mapping("events.k8s.io", "v1", "events", "Event", "ev"),
            ],
        }
    }

    #[test]
    fn names_come_in_many_forms() {
        let check = |argument: &str, expected: Option<&str>| {
            let found = discovery().find(argument);
            let text = found.map(|m| m.resource_text());
            assert_eq!(text.as_deref(), expected, "{argument}");
        };
        let deployments = Some("apps/v1, Resource=deployments");
        for form in [
            "deploy",
            "deployment",
            "deployments",
            "Deployment",
            "deploy.apps",
            "deployments.v1.apps",
            "deployments.app",
        ] {
            check(form, deployments);
        }
        check("hpa", Some("autoscaling/v2, Resource=horizontalpodautoscalers"));
        check("hpa.v1.autoscaling", Some("autoscaling/v2, Resource=horizontalpodautoscalers"));
        check("ev", Some("/v1, Resource=events"));
        check("events.events.k8s.io", Some("events.k8s.io/v1, Resource=events"));
        check("pods", None);
        check("deployments.batch", None);
    }

    #[test]
    fn categories_name_each_resource_once() {
        let all = discovery().category("all");
        assert_eq!(all.len(), 4);
        assert_eq!(all[2], "horizontalpodautoscalers.autoscaling");
    }
}
