//! The Kubernetes API server: requests in, responses out.
//!
//! [`ApiServer::handle`] is the one way by which anything in the cluster is read or changed, for
//! people and for controllers alike. The server knows kinds only as values of `kinds::Kind`, and
//! no controller at all.

mod accept;
mod admission;
mod aggregated_discovery;
mod authentication;
mod authorization;
mod codec;
mod continuation;
mod discovery;
mod escalation;
mod event_ttl;
mod field_manager;
mod health;
mod list_options;
mod node_proxy;
mod openapi;
mod options;
mod parse;
mod pod_resources;
pub mod quota;
pub mod registry;
mod request;
mod request_info;
mod response;
mod selector;
mod server;
pub mod store;
mod token_signer;
pub mod typed_json;
mod user;
mod verbs;
mod watch;
pub mod wire;

pub use admission::{Attributes, Context, Plugin};
pub use discovery::Build;
pub use node_proxy::{ExecRefusal, ExecRequest, ExecStreams, LogRequest, NodeProxy};
pub use openapi::{Descriptions, openapi_name};
pub use parse::{BODY_BYTES_MAX, decode_percent, encode_percent};
pub use registry::Registry;
pub use request::{
    Accept, Body, FieldValidation, HttpRequest, Method, Options, PatchType, Propagation, Request,
    ResourceTarget, Target, Verb,
};
pub use response::{Response, ResponseBody};
pub use server::ApiServer;
pub use user::{Credentials, Impersonation, User};
pub use verbs::exec::{ForwardTarget, PreparedStreams, Upgrade};
pub use watch::{WatchEvent, WatchStream};
