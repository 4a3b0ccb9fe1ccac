//! `--server-side`: the server merges, and keeps a record of who set which field.

use super::{Apply, warn_if_deleting};
use crate::client::Call;
use crate::errors::{Error, Result};
use crate::resource::Info;
use api::{Reason, Value};
use apiserver::PatchType;

/// What is printed below a conflict.
const CONFLICT_ADVICE: &str = "
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

impl Apply {
    pub(super) async fn apply_on_server(&self, info: &mut Info) -> Result<&'static str> {
        info.check_name()?;
        let manifest = info.object.clone();
        self.patch_on_server(info, &manifest).await?;
        if let Err(why) = self.keep_last_applied(info).await {
            self.invocation.complain(format!(
                "Warning: failed to save last applied configuration annotation: {why}"
            ));
        }
        match self.migrate(info).await {
            // What the manifest no longer has goes now.
            Ok(true) => self.patch_on_server(info, &manifest).await?,
            Ok(false) => {}
            Err(why) => self.invocation.complain(format!(
                "Warning: server rejected managed fields migration to Server-Side Apply. This is \
                 non-fatal and will be retried next time you apply. Error: {why}"
            )),
        }
        warn_if_deleting(&self.invocation, info);
        Ok("serverside-applied")
    }

    async fn patch_on_server(&self, info: &mut Info, manifest: &Value) -> Result {
        let force = self.invocation.flags.bool("force-conflicts");
        let call = Call::patch(info.path(""), PatchType::Apply, manifest.clone())
            .query("force", if force { "true" } else { "false" });
        let applied = self.invocation.client()?.value(self.parameters(call)).await;
        info.refresh(applied.map_err(advise)?);
        Ok(())
    }
}

fn advise(error: Error) -> Error {
    if error.is(Reason::Conflict) {
        return Error::Other(format!("{error}{CONFLICT_ADVICE}"));
    }
    error
}
