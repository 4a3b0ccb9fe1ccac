//! Types as `explain` sees them.

use super::descriptions::Descriptions;
use api::schema::{Type, TypeId};
use api::{Value, names};
use std::rc::Rc;

/// A type, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Schema {
    form: Form,
    /// The struct that it is a field of, and the field's name; both empty for none.
    place: (&'static str, String),
    texts: Rc<Descriptions>,
    /// The structs around it.
    parents: Vec<TypeId>,
    /// Whether it is a field that objects begin with.
    is_of_object: bool,
}

#[derive(Clone, Debug)]
enum Form {
    /// A type of Kubernetes.
    Known(Type),
    /// A part of the schema of a custom resource.
    Custom(Value),
}

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) schema: Schema,
    is_required: bool,
}

impl Field {
    /// `port <integer> -required-`
    pub(super) fn line(&self) -> String {
        let required = if self.is_required { " -required-" } else { "" };
        format!("{}\t<{}>{required}", self.name, self.schema.type_text())
    }
}

impl Schema {
    /// The schema of a kind of Kubernetes.
    pub(super) fn of_kind(ty: TypeId, texts: Rc<Descriptions>) -> Schema {
        Schema::root(Form::Known(Type::Struct(ty)), texts)
    }

    /// The schema of a custom resource, whose definition may leave out what all objects have.
    pub(super) fn custom_root(mut schema: Value, texts: Rc<Descriptions>) -> Schema {
        let properties = schema.entry(&"properties".into());
        for name in ["apiVersion", "kind"] {
            properties.set_default(&name.into(), api::object! { "type": "string" });
        }
        properties.set_default(&names::METADATA, api::object! { "type": "object" });
        Schema::root(Form::Custom(schema), texts)
    }

    fn root(form: Form, texts: Rc<Descriptions>) -> Schema {
        Schema { form, place: ("", String::new()), texts, parents: Vec::new(), is_of_object: false }
    }

    /// The field with a name.
    pub(super) fn field(&self, name: &str) -> Option<Schema> {
        self.fields().into_iter().find(|field| field.name == name).map(|field| field.schema)
    }

    /// The fields, by their names; those of the items of a list or map.
    pub(super) fn fields(&self) -> Vec<Field> {
        let mut fields = match &self.form {
            Form::Known(ty) => self.known_fields(*ty),
            Form::Custom(schema) => self.custom_fields(schema),
        };
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        fields
    }

    fn known_fields(&self, ty: Type) -> Vec<Field> {
        let Type::Struct(id) = innermost(ty) else { return Vec::new() };
        let ty = id.get();
        let is_of_object = self.is_root();
        let field = |field: &&'static api::schema::Field| {
            let is_pointer = matches!(field.ty, Type::Pointer(_));
            let parents = self.parents.iter().copied().chain([id]).collect();
            let place = (ty.go, field.name().to_owned());
            let texts = self.texts.clone();
            Field {
                name: field.name().to_owned(),
                schema: Schema { form: Form::Known(field.ty), place, texts, parents, is_of_object },
                is_required: !field.omit_empty && !is_pointer,
            }
        };
        ty.fields_by_name().iter().map(field).collect()
    }

    fn custom_fields(&self, schema: &Value) -> Vec<Field> {
        let schema = innermost_custom(schema);
        let is_of_object = self.is_root();
        let required = schema["required"].items();
        let Some(properties) = schema["properties"].as_map() else { return Vec::new() };
        let field = |(name, value): (&api::Key, &Value)| {
            let is_metadata = is_of_object && *name == names::METADATA;
            let form = match api::schema::TypeId::find("meta/v1.ObjectMeta") {
                Some(ty) if is_metadata => Form::Known(Type::Struct(ty)),
                _ => Form::Custom(value.clone()),
            };
            let place = ("custom", name.as_str().to_owned());
            let (texts, parents) = (self.texts.clone(), Vec::new());
            Field {
                name: name.as_str().to_owned(),
                schema: Schema { form, place, texts, parents, is_of_object },
                is_required: required.iter().any(|required| *required == name.as_str()),
            }
        };
        properties.iter().map(field).collect()
    }

    fn is_root(&self) -> bool {
        self.place.1.is_empty()
    }

    /// Whether the type is that of a struct around it.
    pub(super) fn is_within_itself(&self) -> bool {
        match &self.form {
            Form::Known(ty) => match innermost(*ty) {
                Type::Struct(id) => self.parents.contains(&id),
                _ => false,
            },
            Form::Custom(_) => false,
        }
    }

    /// `[]ServicePort`, `map[string]string`, `integer`
    pub(super) fn type_text(&self) -> String {
        match &self.form {
            Form::Known(ty) => known_type(*ty),
            Form::Custom(schema) => custom_type(schema),
        }
    }

    /// What is said of it as a field.
    pub(super) fn own_description(&self) -> Option<String> {
        let (ty, name) = &self.place;
        if let Form::Custom(schema) = &self.form
            && let Some(text) = schema["description"].as_str()
        {
            return Some(text.to_owned());
        }
        self.texts.of_field(ty, name, self.is_of_object)
    }

    /// What is said of it as a field and of its type.
    pub(super) fn descriptions(&self) -> Vec<String> {
        let of_type = match &self.form {
            Form::Known(ty) => self.texts.of_type(type_key(innermost(*ty))),
            Form::Custom(_) => None,
        };
        self.own_description().into_iter().chain(of_type).collect()
    }
}

/// The type of the items of lists and maps.
fn innermost(ty: Type) -> Type {
    match ty {
        Type::Pointer(inner) | Type::Slice(inner) | Type::Map(inner) => innermost(*inner),
        other => other,
    }
}

fn type_key(ty: Type) -> &'static str {
    match ty {
        Type::Struct(id) => id.get().go,
        Type::IntOrString => "util/intstr.IntOrString",
        Type::Quantity => "api/resource.Quantity",
        Type::Time => "meta/v1.Time",
        Type::MicroTime => "meta/v1.MicroTime",
        _ => "",
    }
}

fn known_type(ty: Type) -> String {
    match ty {
        Type::String(_) | Type::Bytes | Type::Time | Type::MicroTime => "string".to_owned(),
        Type::Int32 | Type::Int64 => "integer".to_owned(),
        Type::Float64 => "number".to_owned(),
        Type::Bool => "boolean".to_owned(),
        Type::Quantity => "Quantity".to_owned(),
        Type::IntOrString => "IntOrString".to_owned(),
        Type::Any => "Object".to_owned(),
        Type::Struct(id) => id.get().short_name().to_owned(),
        Type::Pointer(inner) => known_type(*inner),
        Type::Slice(inner) => format!("[]{}", known_type(*inner)),
        Type::Map(inner) => format!("map[string]{}", known_type(*inner)),
    }
}

fn innermost_custom(schema: &Value) -> &Value {
    for inner in ["items", "additionalProperties"] {
        if schema[inner].as_map().is_some() {
            return innermost_custom(&schema[inner]);
        }
    }
    schema
}

fn custom_type(schema: &Value) -> String {
    if schema["x-kubernetes-int-or-string"].as_bool() == Some(true) {
        return "IntOrString".to_owned();
    }
    match schema["type"].as_str().unwrap_or_default() {
        "array" => format!("[]{}", custom_type(&schema["items"])),
        "object" if schema["additionalProperties"].as_map().is_some() => {
            format!("map[string]{}", custom_type(&schema["additionalProperties"]))
        }
        "object" | "" => "Object".to_owned(),
        other => other.to_owned(),
    }
}
