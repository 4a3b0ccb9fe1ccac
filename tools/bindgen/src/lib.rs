//! Makes a page's JavaScript from its WebAssembly module, and parts the module in two: what a first
//! visit calls, and the rest.

pub mod links;
pub mod marks;
mod outline;
mod plan;
pub mod split;
