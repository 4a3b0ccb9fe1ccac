//! `-o jsonpath`, `-o go-template` and their variants.

use crate::errors::{Error, Result, error};
use api::Value;
use api::gotemplate;
use api::jsonpath::{self, Missing};

/// A template that is applied to objects.
#[derive(Debug)]
pub(crate) enum Template {
    JsonPath { template: jsonpath::Template, as_json: bool },
    Go { template: gotemplate::Template },
}

/// A JSONPath template.
pub(crate) fn json_path(text: &str, allow_missing: bool, as_json: bool) -> Result<Template> {
    let missing = if allow_missing { Missing::Allowed } else { Missing::Refused };
    let template = jsonpath::Template::parse(text).map_err(|why| error!("{why}"))?;
    Ok(Template::JsonPath { template: template.with_missing(missing), as_json })
}

/// A Go template.
pub(crate) fn go_template(text: &str, allow_missing: bool) -> Result<Template> {
    let missing =
        if allow_missing { gotemplate::Missing::Allowed } else { gotemplate::Missing::Refused };
    let template = gotemplate::Template::parse(text).map_err(|why| error!("{why}"))?;
    Ok(Template::Go { template: template.with_missing(missing) })
}

impl Template {
    /// What is printed, and what goes wrong on the way.
    pub(crate) fn print(&self, object: &Value) -> (String, Result) {
        match self {
            Template::JsonPath { template, as_json } => {
                let printed =
                    if *as_json { template.print_json(object) } else { template.print(object) };
                match printed {
                    Ok(text) => (text, Ok(())),
                    Err(why) => (String::new(), Err(error!("{}", template.report(&why, object)))),
                }
            }
            Template::Go { template } => {
                let printed = template.print(object);
                (printed.text, printed.error.map_or(Ok(()), |why| Err(Error::Other(why))))
            }
        }
    }
}
