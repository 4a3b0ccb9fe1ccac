//! Turns the schema table into Rust: interned names, static type tables, typed accessors.
//!
//! The table (`schema/go-types.json`) is the one source of what a Kubernetes type looks like;
//! `schema/list-types.tsv` adds how server-side apply merges its lists.

// A build script talks to cargo on standard output.
#![allow(clippy::print_stdout)]

mod accessors;
mod list_types;
mod model;
#[path = "../src/name_hash.rs"]
mod name_hash;
mod tables;

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=schema");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/name_hash.rs");
    let table = fs::read_to_string("schema/go-types.json").expect("schema/go-types.json");
    let extra_names = fs::read_to_string("schema/names.txt").expect("schema/names.txt");
    let model = model::Model::read(&table, &extra_names);
    let facts = fs::read_to_string("schema/list-types.tsv").expect("schema/list-types.tsv");
    let list_types = list_types::ListTypes::read(&facts, &model);

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    write(&out, "names.rs", tables::names(&model));
    write(&out, "tables.rs", tables::structs(&model, &list_types));
    write(&out, "accessors.rs", accessors::modules(&model));
}

fn write(out: &Path, file: &str, text: String) {
    fs::write(out.join(file), text).expect("OUT_DIR can be written");
}
