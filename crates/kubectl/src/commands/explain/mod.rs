//! `kubectl explain`: the fields of a resource.
//!
//! The types of Kubernetes come from the schema table, those of custom resources from their
//! definitions. What is said of them comes from the server's OpenAPI documents, as far as it has
//! loaded descriptions.

mod descriptions;
mod schema;
mod wrap;

use crate::client::{Call, encode};
use crate::command::{Command, run};
use crate::discovery::Mapping;
use crate::errors::{Error, Result, bail, quote};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::print::typed_json::type_of_kind;
use api::Value;
use descriptions::Descriptions;
use schema::Schema;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "explain",
    short: "Get documentation for a resource",
    long: include_str!("../../../help/explain.txt"),
    usage: "explain TYPE [--recursive=FALSE|TRUE] [--api-version=api-version-group] \
            [--output=plaintext|plaintext-openapiv2]",
    flags: &[&[
        Flag::string("api-version", "", "Use given api-version (group/version) of the resource."),
        Flag::string(
            "output",
            "plaintext",
            "Format in which to render the schema. Valid values are: (plaintext, \
             plaintext-openapiv2).",
        ),
        Flag::bool(
            "recursive",
            "false",
            "When true, print the name of all the fields recursively. Otherwise, print the \
             available fields with their description.",
        ),
    ]],
    run: run!(explain),
    ..Command::EMPTY
};

async fn explain(invocation: Rc<Invocation>) -> Result {
    let argument = match invocation.arguments.as_slice() {
        [] => bail!(
            "You must specify the type of resource to explain. Use \"kubectl api-resources\" for \
             a complete list of supported resources.\n"
        ),
        [argument] => argument.as_str(),
        _ => bail!("We accept only this format: explain RESOURCE\n"),
    };
    let format = invocation.flags.string("output");
    let (resource, fields) = split(&invocation, argument).await?;
    let mapping = mapping(&invocation, &resource).await?;
    let root = root(&invocation, &mapping).await?;
    if !matches!(format, "plaintext" | "plaintext-openapiv2") {
        bail!("unrecognized format: {format}");
    }
    let mut head = String::new();
    for (label, value) in
        [("GROUP:", &mapping.group), ("KIND:", &mapping.kind), ("VERSION:", &mapping.version)]
    {
        if !value.is_empty() {
            head.push_str(&format!("{label:12}{value}\n"));
        }
    }
    invocation.print(head);
    let (mut schema, mut name) = (root, None);
    for field in fields {
        schema = schema
            .field(&field)
            .ok_or_else(|| Error::Other(format!("field {} does not exist", quote(&field))))?;
        name = Some(field);
    }
    let text = document(&schema, name.as_deref(), invocation.flags.bool("recursive"));
    invocation.context.put(text);
    Ok(())
}

/// Takes an argument apart: the resource and the names of fields.
async fn split(invocation: &Invocation, argument: &str) -> Result<(String, Vec<String>)> {
    let parts = |text: &str| {
        text.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    // A group may stand before the fields.
    for known in &invocation.discovery().await?.resources {
        if known.group.is_empty() {
            continue;
        }
        let qualified = known.qualified();
        if let Some(rest) = argument.strip_prefix(&qualified)
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return Ok((qualified, parts(rest)));
        }
    }
    let mut parts = parts(argument).into_iter();
    Ok((parts.next().unwrap_or_default(), parts.collect()))
}

/// The resource in the version that is asked for.
async fn mapping(invocation: &Invocation, resource: &str) -> Result<Rc<Mapping>> {
    let found = invocation.find_resource(resource).await?;
    let found = found.ok_or_else(|| Error::NoResource(resource.to_owned()))?;
    let wanted = invocation.flags.string("api-version");
    if wanted.is_empty() || found.api_version() == wanted {
        return Ok(found);
    }
    let discovery = invocation.discovery().await?;
    let is_wanted =
        |known: &&Rc<Mapping>| known.kind == found.kind && known.api_version() == wanted;
    match discovery.resources.iter().find(is_wanted) {
        Some(mapping) => Ok(mapping.clone()),
        None => {
            let (group, version) = crate::discovery::split_version(wanted);
            let resource = format!("{group}/{version}, Resource={}", found.resource);
            Err(Error::Other(format!("couldn't find resource for {}", quote(&resource))))
        }
    }
}

/// The schema of a resource: built in, or from the definition of a custom one.
async fn root(invocation: &Invocation, mapping: &Mapping) -> Result<Schema> {
    let texts = Rc::new(descriptions(invocation, mapping).await?);
    if let Some(ty) = type_of_kind(&mapping.api_version(), &mapping.kind) {
        return Ok(Schema::of_kind(ty, texts));
    }
    let path = format!(
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{}",
        encode(&mapping.qualified())
    );
    let definition = invocation.client()?.value(Call::get(path)).await.map_err(|_| {
        Error::Other(format!("couldn't find resource for {}", quote(&mapping.kind_text())))
    })?;
    let mut versions = definition["spec"]["versions"].items().iter();
    let version = versions.find(|version| version["name"] == mapping.version.as_str());
    let schema = version.map(|version| version["schema"]["openAPIV3Schema"].clone());
    Ok(Schema::custom_root(schema.unwrap_or_default(), texts))
}

/// What the server says of the types of a resource's group and version.
async fn descriptions(invocation: &Invocation, mapping: &Mapping) -> Result<Descriptions> {
    let client = invocation.client()?;
    let index = client.value(Call::get("/openapi/v3")).await?;
    let prefix = match mapping.group.as_str() {
        "" => format!("api/{}", mapping.version),
        group => format!("apis/{group}/{}", mapping.version),
    };
    let address = index["paths"][prefix.as_str()]["serverRelativeURL"].as_str();
    let Some((path, hash)) = address.and_then(|address| address.split_once("?hash=")) else {
        // Custom resources bring theirs.
        return Ok(Descriptions::new(Value::Null));
    };
    Ok(Descriptions::new(client.value(Call::get(path).query("hash", hash)).await?))
}

/// What is printed below the head.
fn document(schema: &Schema, name: Option<&str>, is_recursive: bool) -> String {
    let mut out = String::new();
    if let Some(name) = name {
        out.push_str(&format!("FIELD: {name} <{}>\n\n", schema.type_text()));
    }
    out.push_str("DESCRIPTION:\n");
    let texts = schema.descriptions();
    let texts = if texts.is_empty() { vec!["<empty>".to_owned()] } else { texts };
    texts.iter().for_each(|text| out.push_str(&wrap::wrap(text)));
    out.push_str("    \n");
    let fields = schema.fields();
    if fields.is_empty() {
        out.push('\n');
        return out;
    }
    out.push_str("FIELDS:\n");
    if is_recursive {
        list_names(&mut out, schema, 1);
    } else {
        for field in fields {
            out.push_str(&format!("  {}\n", field.line()));
            let text = field.schema.own_description();
            out.push_str(&wrap::wrap(text.as_deref().unwrap_or("<no description>")));
            out.push('\n');
        }
    }
    out.push('\n');
    out
}

/// Writes the names of all fields, those of structs further right.
fn list_names(out: &mut String, schema: &Schema, level: usize) {
    for field in schema.fields() {
        out.push_str(&format!("{}{}\n", "  ".repeat(level), field.line()));
        // A type within itself is not opened again.
        if !field.schema.is_within_itself() {
            list_names(out, &field.schema, level + 1);
        }
    }
}
