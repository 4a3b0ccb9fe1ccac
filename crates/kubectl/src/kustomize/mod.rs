//! Kustomizations, as kustomize v5.0 within kubectl builds them.
//!
//! A kustomization gathers resources, generates ConfigMaps and Secrets, and transforms all of them
//! one step after the other; others build on the result. [`build`] does all of it and hands out
//! the objects in the order in which kubectl applies them.
//!
//! Missing: whatever needs a network or another program (remote bases, Helm charts, plugins), and
//! `vars`, `configurations` and `openapi`.

mod accumulate;
mod expression;
mod fields;
mod generate;
mod images;
mod labels;
mod load;
mod names;
mod namespace;
mod order;
mod patch;
mod references;
mod replacement;
mod resource;

use crate::errors::Result;
use accumulate::Builder;
use api::Value;
use load::Directory;
use shell::Context;

/// The objects of a kustomization.
pub fn build(context: &Context, path: &str) -> Result<Vec<Value>> {
    let directory = Directory::open(context, path)?;
    let builder = Builder::new(context);
    let (mut resources, order) = builder.build(&directory)?;
    names::append_hashes(&mut resources)?;
    order.apply(&mut resources);
    Ok(resources.into_iter().filter(|r| !r.is_local()).map(|resource| resource.object).collect())
}
