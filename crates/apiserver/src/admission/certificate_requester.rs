//! Who asks for a certificate is written down by the server, whatever he says of himself.
//!
//! In Kubernetes this is work of the storage of CertificateSigningRequests, not of a plugin.

use super::{Attributes, Context, Plugin};
use api::{List, Status, Value, names};
use kinds::certificates::certificate_signing_request;

pub(super) struct CertificateRequester;

impl Plugin for CertificateRequester {
    fn admit(
        &mut self,
        _: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.creates(&certificate_signing_request::KIND) {
            return Ok(());
        }
        let user = &attributes.request.user;
        let groups: List = user.groups.iter().map(|group| Value::from(group.clone())).collect();
        object.update(&names::SPEC, |spec| {
            let map = spec.make_map();
            for key in ["uid", "extra"] {
                map.remove_str(key);
            }
            map.insert("username", user.name.clone());
            map.insert("groups", Value::List(groups));
        });
        Ok(())
    }
}
