//! StorageClasses.

use super::Subject;
use super::text::{Description, labels_line, line, or_unset, title_case};
use crate::errors::Result;
use api::storage::v1::StorageClass;
use std::rc::Rc;

/// The annotations, old and new, that make a class the default.
const DEFAULT_ANNOTATIONS: [&str; 2] = [
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
];

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let class: StorageClass<'_> = subject.view();
    let annotations = class.metadata().annotations();
    let is_default = DEFAULT_ANNOTATIONS.iter().any(|name| annotations.get(name) == Some("true"));
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", class.metadata().name());
    line!(out, 0, "IsDefaultClass:\t{}", if is_default { "Yes" } else { "No" });
    line!(out, 0, "Annotations:\t{}", labels_line(annotations));
    line!(out, 0, "Provisioner:\t{}", class.provisioner());
    line!(out, 0, "Parameters:\t{}", labels_line(class.parameters()));
    let expansion = class.allow_volume_expansion().map(title_case);
    line!(out, 0, "AllowVolumeExpansion:\t{}", or_unset(expansion));
    if class.mount_options().is_empty() {
        line!(out, 0, "MountOptions:\t<none>");
    } else {
        line!(out, 0, "MountOptions:");
    }
    for option in class.mount_options() {
        line!(out, 1, "{option}");
    }
    out.field_if(0, "ReclaimPolicy", class.reclaim_policy().unwrap_or_default());
    out.field_if(0, "VolumeBindingMode", class.volume_binding_mode().unwrap_or_default());
    describe_topologies(&mut out, class);
    subject.with_events(out).await
}

fn describe_topologies(out: &mut Description, class: StorageClass<'_>) {
    if class.allowed_topologies().is_empty() {
        return;
    }
    line!(out, 0, "AllowedTopologies:\t");
    for (at, term) in class.allowed_topologies().enumerate() {
        let mut start = format!("Term {at}:");
        for expression in term.match_label_expressions() {
            let values: Vec<&str> = expression.values().collect();
            line!(out, 1, "{start}\t{} in [{}]", expression.key(), values.join(", "));
            start.clear();
        }
        if !start.is_empty() {
            line!(out, 1, "{start}\t<none>");
        }
    }
}
