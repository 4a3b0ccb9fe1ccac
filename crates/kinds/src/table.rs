//! The tables that the API server prints for `kubectl get`.

use api::meta::v1::ObjectMeta;
use api::{Value, View, human, names};
use sim::Time;

/// A column of a table.
pub struct Column {
    /// The heading, in title case: kubectl prints it in capitals.
    pub name: &'static str,
    /// `string`, `integer`, `number`, `boolean` or `date`.
    pub ty: &'static str,
    /// `name` for the column that names the object.
    pub format: &'static str,
    /// 0 for columns that are always shown, 1 for those of `-o wide`.
    pub priority: i64,
}

impl Column {
    /// A column of text.
    pub const fn text(name: &'static str) -> Column {
        Column { name, ty: "string", format: "", priority: 0 }
    }

    /// A column of whole numbers.
    pub const fn integer(name: &'static str) -> Column {
        Column { ty: "integer", ..Column::text(name) }
    }

    /// A column that only `-o wide` shows.
    pub const fn wide(name: &'static str) -> Column {
        Column { priority: 1, ..Column::text(name) }
    }
}

/// The column that names the object.
pub const NAME: Column = Column { format: "name", ..Column::text("Name") };
/// The column that tells how long ago the object was created.
pub const AGE: Column = Column::text("Age");

/// The cells of one object: texts, or numbers where the column says so.
pub type Row = Vec<Value>;

/// What a cell shows where there is nothing.
pub const NONE: &str = "<none>";
/// What a cell shows where the value cannot be known.
pub const UNKNOWN: &str = "<unknown>";

/// The columns of a kind without columns of its own.
pub const NAME_AND_CREATED: &[Column] =
    &[NAME, Column { ty: "date", ..Column::text("Created At") }];

/// The row of a kind without columns of its own.
pub fn name_and_created(object: &Value, _: Time) -> Row {
    let created = metadata(object).value().get(&names::CREATION_TIMESTAMP).clone();
    vec![name(object), created]
}

/// An object's metadata.
pub fn metadata(object: &Value) -> ObjectMeta<'_> {
    ObjectMeta::of(object.get(&names::METADATA))
}

/// The cell of an object's name.
pub fn name(object: &Value) -> Value {
    metadata(object).value().get(&names::NAME).clone()
}

/// The cell of an object's age.
pub fn age(object: &Value, now: Time) -> Value {
    since(metadata(object).creation_timestamp(), now)
}

/// The cell of the time that has passed since `then`.
pub fn since(then: Option<Time>, now: Time) -> Value {
    match then {
        None => UNKNOWN.into(),
        Some(then) => human::age(then, now).into(),
    }
}

/// A text, or `<none>` if it is empty.
pub fn or_none(text: String) -> Value {
    if text.is_empty() { NONE.into() } else { text.into() }
}

/// `app=web,tier=front`, or `<none>`.
pub fn labels(labels: api::StringMap<'_>) -> Value {
    let pairs: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
    or_none(pairs.join(","))
}

/// The cells "Containers" and "Images" of a pod template's containers.
pub fn containers_and_images(spec: api::core::v1::PodSpec<'_>) -> [Value; 2] {
    let list = |get: fn(api::core::v1::Container<'_>) -> String| {
        spec.containers().map(get).collect::<Vec<_>>().join(",").into()
    };
    [list(|c| c.name().to_owned()), list(|c| c.image().to_owned())]
}

/// A `LabelSelector` document as `kubectl get -o wide` shows it.
pub fn selector(document: &Value) -> Value {
    format_selector(document).into()
}

/// A `LabelSelector` document as text (`metav1.FormatLabelSelector`).
pub fn format_selector(document: &Value) -> String {
    if document.is_null() {
        return NONE.into();
    }
    let text = api::labels::Selector::from_document(document).to_string();
    if text.is_empty() { NONE.into() } else { text }
}
