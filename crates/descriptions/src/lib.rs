//! What Kubernetes says of its types and fields, as `kubectl explain` shows it.
//!
//! The text is made while this crate is built, from the schemas that the crate `k8s-openapi` has of
//! Kubernetes 1.29, so that no copy of it stands in the repository. `apiserver::Descriptions` reads
//! it.

/// A line for each type and field: the type, the field or nothing, what is said; separated by tabs.
pub const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/descriptions.tsv"));

#[cfg(test)]
mod tests {
    use super::TEXT;

    #[test]
    fn types_and_fields_are_there() {
        let check = |begin: &str| {
            let found = TEXT.lines().find(|line| line.starts_with(begin));
            assert!(found.is_some_and(|line| line.len() > begin.len()), "{begin:?}");
        };
        check("io.k8s.api.core.v1.Pod\t\tPod is ");
        check("io.k8s.api.core.v1.PodSpec\trestartPolicy\tRestart policy ");
        check("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta\tname\tName must be ");
        assert!(TEXT.lines().all(|line| line.split('\t').count() >= 3));
    }
}
