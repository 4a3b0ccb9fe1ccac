//! FlowSchema: to which priority level requests belong. Here nothing but the version is different
//! from [`super::flow_schema_v1beta3`].

use super::flow_schema_v1beta3 as stored;
use crate::{Conversion, Kind};
use api::Value;
use api::schema::types;

/// `flowcontrol.apiserver.k8s.io/v1` FlowSchema
pub static KIND: Kind = Kind {
    version: "v1",
    ty: types::FLOWCONTROL_V1_FLOW_SCHEMA,
    conversion: Some(&Conversion {
        stored: &stored::KIND,
        from_stored: Value::clone,
        to_stored: Value::clone,
    }),
    ..stored::COMMON
};
