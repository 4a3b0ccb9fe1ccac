//! `kubectl api-resources`

use crate::command::{Command, run};
use crate::discovery::Mapping;
use crate::errors::{Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::TabWriter;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "api-resources",
    short: "Print the supported API resources on the server",
    long: "Print the supported API resources on the server.\n\nExamples:\n  \
           # Print the supported API resources\n  kubectl api-resources\n  \n  \
           # Print the supported API resources with more information\n  \
           kubectl api-resources -o wide\n  \n  \
           # Print the supported API resources sorted by a column\n  \
           kubectl api-resources --sort-by=name\n  \n  \
           # Print the supported namespaced resources\n  \
           kubectl api-resources --namespaced=true\n  \n  \
           # Print the supported non-namespaced resources\n  \
           kubectl api-resources --namespaced=false\n  \n  \
           # Print the supported API resources with a specific APIGroup\n  \
           kubectl api-resources --api-group=rbac.authorization.k8s.io",
    usage: "api-resources [flags]",
    flags: &[&[
        Flag::string("api-group", "", "Limit to resources in the specified API group."),
        Flag::bool("cached", "false", "Use the cached list of resources if available."),
        Flag::string_slice(
            "categories",
            "",
            "Limit to resources that belong to the specified categories.",
        ),
        Flag::bool(
            "namespaced",
            "true",
            "If false, non-namespaced resources will be returned, otherwise returning namespaced \
             resources by default.",
        ),
        shared::NO_HEADERS,
        Flag::string("output", "", "Output format. One of: (wide, name).").short('o'),
        Flag::string(
            "sort-by",
            "",
            "If non-empty, sort list of resources using specified field. The field can be either \
             'name' or 'kind'.",
        ),
        Flag::string_slice("verbs", "", "Limit to resources that support the specified verbs."),
    ]],
    run: run!(api_resources),
    ..Command::EMPTY
};

async fn api_resources(invocation: Rc<Invocation>) -> Result {
    if !invocation.arguments.is_empty() {
        let words = invocation.arguments.join(" ");
        return Err(invocation.usage_error(format!("unexpected arguments: [{words}]")));
    }
    let flags = &invocation.flags;
    let output = flags.string("output");
    if !matches!(output, "" | "wide" | "name") {
        bail!("--output {output} is not available");
    }
    if !matches!(flags.string("sort-by"), "" | "name" | "kind") {
        bail!("--sort-by accepts only name or kind");
    }
    let discovery = match flags.bool("cached") {
        true => invocation.discovery().await?,
        false => invocation.fresh_discovery().await?,
    };
    let mut resources = preferred(&discovery.resources);
    resources.retain(|mapping| is_wanted(&invocation, mapping));
    match flags.string("sort-by") {
        "name" => resources.sort_by(|a, b| a.resource.cmp(&b.resource)),
        "kind" => resources.sort_by(|a, b| a.kind.cmp(&b.kind)),
        _ => resources.sort_by(|a, b| (&a.group, &a.resource).cmp(&(&b.group, &b.resource))),
    }
    if output == "name" {
        resources.iter().for_each(|mapping| invocation.print(mapping.qualified()));
        return Ok(());
    }
    invocation.context.put(table(&resources, output == "wide", !flags.bool("no-headers")));
    Ok(())
}

/// Each resource in the version that its group prefers among those that have it.
fn preferred(resources: &[Rc<Mapping>]) -> Vec<Rc<Mapping>> {
    let mut found: Vec<Rc<Mapping>> = Vec::new();
    for mapping in resources {
        let is_same = |known: &Rc<Mapping>| {
            (&known.group, &known.resource) == (&mapping.group, &mapping.resource)
        };
        if !mapping.verbs.is_empty() && !found.iter().any(is_same) {
            found.push(mapping.clone());
        }
    }
    found
}

fn is_wanted(invocation: &Invocation, mapping: &Mapping) -> bool {
    let flags = &invocation.flags;
    let has_all = |wanted: &[String], held: &[String]| wanted.iter().all(|one| held.contains(one));
    (!flags.is_changed("api-group") || mapping.group == flags.string("api-group"))
        && (!flags.is_changed("namespaced") || mapping.is_namespaced == flags.bool("namespaced"))
        && has_all(flags.strings("verbs"), &mapping.verbs)
        && has_all(flags.strings("categories"), &mapping.categories)
}

fn table(resources: &[Rc<Mapping>], is_wide: bool, has_headers: bool) -> String {
    let mut writer = TabWriter::for_tables();
    let mut headers = vec!["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"];
    if is_wide {
        headers.extend(["VERBS", "CATEGORIES"]);
    }
    if has_headers {
        writer.row(headers);
    }
    for mapping in resources {
        let mut cells = vec![
            mapping.resource.clone(),
            mapping.short_names.join(","),
            mapping.api_version(),
            mapping.is_namespaced.to_string(),
            mapping.kind.clone(),
        ];
        if is_wide {
            cells.extend([mapping.verbs.join(","), mapping.categories.join(",")]);
        }
        writer.row(cells);
    }
    writer.flush()
}
