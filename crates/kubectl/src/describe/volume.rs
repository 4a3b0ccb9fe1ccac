//! The volumes of a Pod.

use super::text::{Description, line};
use super::volume_source::{self, SOURCES};
use api::core::v1::{DownwardAPIVolumeFile, ProjectedVolumeSource, Volume};
use api::{View, Views, names};

/// Writes the volumes of a Pod, or of a template, which stand further right.
pub(super) fn describe_all(out: &mut Description, volumes: Views<'_, Volume<'_>>, indent: &str) {
    if volumes.is_empty() {
        line!(out, 0, "{indent}Volumes:\t<none>");
        return;
    }
    line!(out, 0, "{indent}Volumes:");
    for volume in volumes {
        line!(out, 1, "{}{}:", if indent.is_empty() { "" } else { " " }, volume.name());
        describe(out, volume);
    }
}

fn describe(out: &mut Description, volume: Volume<'_>) {
    if let Some(projected) = volume.projected() {
        describe_projected(out, projected);
    } else if let Some(downward) = volume.downward_api() {
        line!(out, 2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
        line!(out, 2, "Items:");
        downward.items().for_each(|item| describe_downward_item(out, item));
    } else if let Some(ephemeral) = volume.ephemeral() {
        line!(
            out,
            2,
            "Type:\tEphemeralVolume (an inline specification for a volume that gets created and \
             deleted with the pod)"
        );
        if let Some(template) = ephemeral.volume_claim_template() {
            let mut claim = Description::default();
            super::persistent_volume_claim::describe_template(&mut claim, template.value());
            out.nest(2, &claim);
        }
    } else if !volume_source::describe(out, SOURCES, volume.value()) {
        line!(out, 1, "<unknown>");
    }
}

fn describe_projected(out: &mut Description, projected: ProjectedVolumeSource<'_>) {
    line!(out, 2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
    // kubectl prints where the value lies in its memory; any address looks like any other.
    let optional = |value: &api::Value| match value.get(&names::OPTIONAL).as_bool() {
        Some(_) => api::go::address(value.get(&names::NAME).as_str().unwrap_or_default()),
        None => "<nil>".to_owned(),
    };
    for source in projected.sources() {
        if let Some(secret) = source.secret() {
            line!(out, 2, "SecretName:\t{}", secret.name());
            line!(out, 2, "SecretOptionalName:\t{}", optional(secret.value()));
        } else if source.downward_api().is_some() {
            line!(out, 2, "DownwardAPI:\ttrue");
        } else if let Some(map) = source.config_map() {
            line!(out, 2, "ConfigMapName:\t{}", map.name());
            line!(out, 2, "ConfigMapOptional:\t{}", optional(map.value()));
        } else if let Some(token) = source.service_account_token() {
            let seconds = token.expiration_seconds().unwrap_or(0);
            line!(out, 2, "TokenExpirationSeconds:\t{seconds}");
        }
    }
}

fn describe_downward_item(out: &mut Description, item: DownwardAPIVolumeFile<'_>) {
    if let Some(field) = item.field_ref() {
        line!(out, 3, "{} -> {}", field.field_path(), item.path());
    }
    if let Some(field) = item.resource_field_ref() {
        line!(out, 3, "{} -> {}", field.resource(), item.path());
    }
}
