//! What Pods and pod templates have in common: the defaults and the rules of a PodSpec.

mod defaults;
mod disabled;
mod validation;
mod warnings;

pub use defaults::{
    image_tag, round_amounts, round_resources, set_pod_defaults, set_source_defaults,
    set_template_defaults,
};
pub use disabled::drop_disabled_fields;
pub use validation::volume_sources;
pub use validation::{
    PROTOCOLS, TAINT_EFFECTS, is_extended_resource, is_hugepages, is_native_resource,
    is_standard_container_resource, is_standard_resource, quantity_literal,
    validate_container_resource_name, validate_ephemeral_containers_update, validate_long_running,
    validate_new_pod, validate_node_selector, validate_pod, validate_pod_annotations,
    validate_pod_status_update, validate_pod_update, validate_quantity, validate_resource_name,
    validate_selected, validate_shareable_volumes, validate_spec, validate_template,
    validate_template_for, validate_template_metadata, validate_tolerations,
    validate_workload_template,
};
pub use warnings::{
    pod_warnings, template_warnings, warn_of_key as warn_of_node_label, workload_name_warning,
};
