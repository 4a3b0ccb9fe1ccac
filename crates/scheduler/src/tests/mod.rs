//! Tests of the whole scheduler: with an API server and nothing else, and against a plain
//! reference.

mod claims;
mod cluster;
mod effects;
mod messages;
mod placement;
mod property;
mod reference;
mod scores;
mod shapes;
mod volumes;
