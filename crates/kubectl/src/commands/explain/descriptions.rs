//! Descriptions of types and fields, as far as they are known.

use api::Value;
use api::schema::TypeId;

/// What recordings show in other words than the server's documents have it: one description after
/// the other, a line with the name, then the text on lines that begin with a tab.
const RECORDED: &str = include_str!("descriptions.txt");

/// What is said of the types of one group and version.
#[derive(Debug)]
pub(super) struct Descriptions {
    /// `components.schemas` of the OpenAPI document.
    schemas: Value,
}

impl Descriptions {
    /// Those of an OpenAPI document, version 3.
    pub(super) fn new(document: Value) -> Descriptions {
        Descriptions { schemas: document["components"]["schemas"].clone() }
    }

    /// What is said of a field: `restartPolicy` of `core/v1.PodSpec`. What all objects have is kept
    /// once.
    pub(super) fn of_field(&self, ty: &str, name: &str, is_of_object: bool) -> Option<String> {
        let is_common = is_of_object || name == "metadata";
        let field = &self.schema(ty)["properties"][name];
        recorded(&format!("{ty}.{name}"))
            .or_else(|| field["description"].as_str().map(str::to_owned))
            .or_else(|| if is_common { recorded(&format!("*.{name}")) } else { None })
    }

    /// What is said of a type: `core/v1.Pod`.
    pub(super) fn of_type(&self, ty: &str) -> Option<String> {
        let text = self.schema(ty)["description"].as_str().map(str::to_owned);
        recorded(ty).or(text)
    }

    fn schema(&self, ty: &str) -> &Value {
        let name = match TypeId::find(ty) {
            Some(id) => apiserver::openapi_name(id),
            None => format!(
                "io.k8s.apimachinery.pkg.{}",
                ty.replace("meta/", "apis.meta.").replace('/', ".")
            ),
        };
        &self.schemas[name.as_str()]
    }
}

fn recorded(key: &str) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    RECORDED.split("\n\n").find_map(|entry| {
        let (name, text) = entry.split_once('\n')?;
        let line = |line: &'static str| line.strip_prefix('\t').unwrap_or(line);
        (name == key).then(|| text.lines().map(line).collect::<Vec<_>>().join("\n"))
    })
}
