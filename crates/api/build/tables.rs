//! Static tables: interned names, and the types with their fields.

use crate::list_types::ListTypes;
use crate::model::{Model, Type};
use crate::name_hash::name_hash;
use std::fmt::Write;

/// The sorted list of names and a constant for each.
pub fn names(model: &Model) -> String {
    let mut out = String::new();
    writeln!(
        out,
        "pub(crate) static ALL_NAMES: [&str; {}] = {:?};",
        model.names.len(),
        model.names
    )
    .unwrap();
    let slots = slots(&model.names);
    writeln!(out, "pub(crate) static SLOTS: [u16; {}] = {slots:?};", slots.len()).unwrap();
    for (i, name) in model.names.iter().enumerate() {
        writeln!(out, "/// `{name}`\npub const {}: Key = Key::interned({i});", constant(name))
            .unwrap();
    }
    out
}

/// A hash table with open addressing: the place of each name in the list, or `u16::MAX`.
fn slots(names: &[String]) -> Vec<u16> {
    let mut slots = vec![u16::MAX; (2 * names.len()).next_power_of_two()];
    for (i, name) in names.iter().enumerate() {
        let mut at = name_hash(name) as usize % slots.len();
        while slots[at] != u16::MAX {
            at = (at + 1) % slots.len();
        }
        slots[at] = i as u16;
    }
    slots
}

/// `podIP` becomes `POD_IP`, `kubernetes.io/arch` becomes `KUBERNETES_IO_ARCH`.
pub fn constant(name: &str) -> String {
    // Two names of the schema differ by case alone; a leading capital is marked.
    let prefix = if name.starts_with(|c: char| c.is_ascii_uppercase()) { "CAPITAL_" } else { "" };
    format!("{prefix}{}", snake_case(name).to_uppercase())
}

/// `clusterIPs` becomes `cluster_ips`, `podCIDR` becomes `pod_cidr`.
pub fn snake_case(name: &str) -> String {
    let plural = ["IPs", "IDs", "CIDRs", "URLs"]
        .iter()
        .find_map(|p| name.strip_suffix(p).map(|head| (head, p)));
    let normal = match plural {
        Some((head, plural)) => format!("{head}{}{}", &plural[..1], plural[1..].to_lowercase()),
        None => name.to_owned(),
    };
    let chars: Vec<char> = normal.chars().collect();
    let mut out = String::new();
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            out.push('_');
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1);
        let starts_word = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_ascii_uppercase() && after.is_some_and(|a| a.is_ascii_lowercase()))
            });
        if starts_word {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The types, sorted by name, each with its fields in Go's order and an index by JSON name.
pub fn structs(model: &Model, list_types: &ListTypes) -> String {
    let mut out = String::new();
    for (i, ty) in model.structs.values().enumerate() {
        writeln!(out, "static FIELDS_{i}: [Field; {}] = [", ty.fields.len()).unwrap();
        for field in &ty.fields {
            let name = if field.is_inline() { 0 } else { model.name_index(&field.json) };
            writeln!(
                out,
                "Field {{ go: {:?}, name: NameId({name}), is_inline: {}, ty: {}, \
                 omit_empty: {}, patch_merge: {}, patch_replace: {}, patch_retain_keys: {}, \
                 patch_merge_key: {:?}, list_type: {}, map_type: {}, key_default: {:?} }},",
                field.go,
                field.is_inline(),
                type_expression(model, &field.ty),
                field.omit_empty,
                field.patch_merge,
                field.patch_replace,
                field.patch_retain_keys,
                field.patch_merge_key,
                list_types.list_type(&ty.go, &field.json),
                list_types.map_type(&ty.go, &field.json, &field.ty),
                list_types.key_default(&ty.go, &field.json),
            )
            .unwrap();
        }
        out.push_str("];\n");
    }
    writeln!(out, "pub(crate) static STRUCTS: [Struct; {}] = [", model.structs.len()).unwrap();
    for (i, ty) in model.structs.values().enumerate() {
        let index = by_name(model, &ty.go);
        let fields: Vec<String> =
            index.iter().map(|(_, owner, field)| format!("&FIELDS_{owner}[{field}]")).collect();
        writeln!(
            out,
            "Struct {{ go: {:?}, fields: &FIELDS_{i}, by_name: &[{}], map_type: {} }},",
            ty.go,
            fields.join(", "),
            list_types.struct_type(&ty.go),
        )
        .unwrap();
    }
    out.push_str("];\n");
    for (i, go) in model.structs.keys().enumerate() {
        writeln!(out, "/// `{go}`\npub const {}: TypeId = TypeId({i});", type_constant(go))
            .unwrap();
    }
    out
}

/// `core/v1.PodSpec` becomes `CORE_V1_POD_SPEC`.
pub fn type_constant(go: &str) -> String {
    let short = go.rsplit_once("/apis/").map_or(go, |(_, tail)| tail);
    let (package, name) = short.rsplit_once('.').expect("package.Type");
    format!("{}_{}", package.replace(['/', '.'], "_"), snake_case(name)).to_uppercase()
}

fn type_expression(model: &Model, ty: &Type) -> String {
    match ty {
        Type::String { go } => format!("Type::String({go:?})"),
        Type::Struct(go) => format!("Type::Struct(TypeId({}))", model.struct_index(go)),
        Type::Pointer(inner) => format!("Type::Pointer(&{})", type_expression(model, inner)),
        Type::Slice(inner) => format!("Type::Slice(&{})", type_expression(model, inner)),
        Type::Map(inner) => format!("Type::Map(&{})", type_expression(model, inner)),
        plain => format!("Type::{plain:?}"),
    }
}

/// (name, struct, field) of each field with inlined structs opened, sorted by name.
fn by_name(model: &Model, go: &str) -> Vec<(usize, usize, usize)> {
    let mut index = Vec::new();
    let owner = model.struct_index(go);
    for (i, field) in model.structs[go].fields.iter().enumerate() {
        match &field.ty {
            Type::Struct(inner) if field.is_inline() => index.extend(by_name(model, inner)),
            _ => index.push((model.name_index(&field.json), owner, i)),
        }
    }
    index.sort_unstable();
    index
}
