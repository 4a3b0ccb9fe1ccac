//! Writes the descriptions of all types that the API server's kinds are made of.

// Cargo reads what a build script prints.
#![allow(clippy::print_stdout)]

use k8s_openapi::api::{
    admissionregistration, apps, authentication, authorization, autoscaling, batch, certificates,
    coordination, core, discovery, events, flowcontrol, networking, node, policy, rbac, scheduling,
    storage,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration;
use schemars::r#gen::{SchemaGenerator, SchemaSettings};
use schemars::schema::Schema;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Adds types and everything that they are made of.
macro_rules! add {
    ($generator:ident: $($group:ident :: $version:ident :: { $($kind:ident),* $(,)? })*) => {
        $($($generator.subschema_for::<$group::$version::$kind>();)*)*
    };
}

fn add_kinds(generator: &mut SchemaGenerator) {
    add! { generator:
        core::v1::{
            Binding, ComponentStatus, ConfigMap, Endpoints, Event, LimitRange, Namespace, Node,
            PersistentVolume, PersistentVolumeClaim, Pod, PodTemplate, ReplicationController,
            ResourceQuota, Secret, Service, ServiceAccount,
        }
        admissionregistration::v1::{
            MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
        }
        apiextensions::v1::{CustomResourceDefinition}
        apiregistration::v1::{APIService}
        apps::v1::{ControllerRevision, DaemonSet, Deployment, ReplicaSet, StatefulSet}
        authentication::v1::{SelfSubjectReview, TokenRequest, TokenReview}
        authorization::v1::{
            LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview,
            SubjectAccessReview,
        }
        autoscaling::v1::{HorizontalPodAutoscaler, Scale}
        autoscaling::v2::{HorizontalPodAutoscaler}
        batch::v1::{CronJob, Job}
        certificates::v1::{CertificateSigningRequest}
        coordination::v1::{Lease}
        discovery::v1::{EndpointSlice}
        events::v1::{Event}
        flowcontrol::v1::{FlowSchema, PriorityLevelConfiguration}
        flowcontrol::v1beta3::{FlowSchema, PriorityLevelConfiguration}
        networking::v1::{Ingress, IngressClass, NetworkPolicy}
        node::v1::{RuntimeClass}
        policy::v1::{Eviction, PodDisruptionBudget}
        rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding}
        scheduling::v1::{PriorityClass}
        storage::v1::{CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment}
    }
}

fn description(schema: &Schema) -> Option<&str> {
    match schema {
        Schema::Object(object) => object.metadata.as_ref()?.description.as_deref(),
        Schema::Bool(_) => None,
    }
}

/// What a server adds about values that a field can have, as recordings show it.
const ENUMS: &str = include_str!("enums.tsv");

/// One line: line breaks and backslashes are escaped.
fn append(text: &mut String, ty: &str, field: &str, said: Option<&str>) {
    if let Some(said) = said {
        let said = said.replace('\\', "\\\\").replace('\n', "\\n");
        let own = format!("{ty}\t{field}\t");
        let values = ENUMS.lines().find_map(|line| line.strip_prefix(&own));
        let values = values.map_or(String::new(), |values| format!("\\n\\n{values}"));
        // A text takes whatever is written.
        let _ = writeln!(text, "{own}{said}{values}");
    }
}

fn main() {
    let mut generator = SchemaSettings::openapi3().into_generator();
    add_kinds(&mut generator);
    let mut text = String::new();
    for (name, schema) in generator.definitions() {
        append(&mut text, name, "", description(schema));
        if let Schema::Object(object) = schema {
            let properties = object.object.iter().flat_map(|object| &object.properties);
            for (field, schema) in properties {
                append(&mut text, name, field, description(schema));
            }
        }
    }
    let directory = env::var_os("OUT_DIR").expect("cargo says where to write");
    fs::write(Path::new(&directory).join("descriptions.tsv"), text).expect("a writable file");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=enums.tsv");
}
