//! Who asks for a certificate is written down by the server, whatever he says of himself.
//!
//! In Kubernetes this is work of the storage of CertificateSigningRequests, not of a plugin.

use super::{Attributes, Context, Plugin};
use api::{Status, Value, names};
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
        let user = attributes.request.user.to_value();
        object.update(&names::SPEC, |spec| {
            let map = spec.make_map();
            for key in ["username", "uid", "groups", "extra"] {
                map.remove_str(key);
            }
            for (key, value) in user.as_map().into_iter().flat_map(api::Map::iter) {
                map.insert(key, value.clone());
            }
        });
        Ok(())
    }
}
