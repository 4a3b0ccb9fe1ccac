//! Laws of the text formats, tried on random documents and random texts.

use api::{Key, Map, Value, gotemplate, json, jsonpath, yaml};
use proptest::prelude::*;

/// Strings that are hard to write down.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        "[ -~]{0,20}",
        "[\\PC\\n\\t]{0,12}",
        any::<String>(),
        "[0-9+.eExob_:TZ-]{1,10}",
        "([a-z:#'\"-]{1,9} ){10,30}[a-z]",
        "[a \n]{0,9}",
        prop::sample::select(vec!["yes", "~", "null", "<<", "---", "1e3", "0x1f", "- a", "a: b"])
            .prop_map(str::to_owned),
    ]
}

/// A document that reading gives back as it is: JSON does not tell whole floats from integers.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("JSON has no such number", |number| {
                number.is_finite() && number.fract() != 0.0
            })
            .prop_map(Value::Float),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        // kubectl itself prints this one without quotes, and then reads it as something else.
        let key = text().prop_filter("a merge key", |key| key != "<<");
        let entry = (key.prop_map(Key::from), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(Value::from),
            prop::collection::vec(entry, 0..6)
                .prop_map(|entries| Value::Map(entries.into_iter().collect::<Map>())),
        ]
    })
}

/// Texts that are nearly YAML.
fn nearly_yaml() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "b: ",
        "- ",
        ": ",
        "? ",
        "\n",
        "\n  ",
        "\t",
        "'",
        "\"",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "&x ",
        "*x ",
        "!!int ",
        "!t ",
        "|",
        ">-",
        "|2",
        "---\n",
        "...",
        "%YAML 1.1\n",
        "@",
        "\\x4",
        "<<: ",
        "é",
        "😀",
        "\r\n",
        "\r",
        "\u{85}",
        "\u{2028}",
        "\u{7f}",
        "\u{feff}",
        "1",
        ".inf",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat())
}

fn nearly_a_template() -> impl Strategy<Value = String> {
    let pieces = vec![
        "{",
        "}",
        "{{",
        "}}",
        ".a",
        ".",
        "..",
        "[",
        "]",
        "[*]",
        "[?(@.a==1)]",
        "range ",
        "end",
        "'",
        "\"",
        "\\",
        "-1",
        ":",
        ",",
        "$x",
        ":= ",
        "if ",
        "else ",
        "with ",
        "define \"t\"",
        "template \"t\" .",
        "printf ",
        "\"%5.2f%[3]*.[2]*d\"",
        "index ",
        "slice ",
        "len ",
        "|",
        "(",
        ")",
        "@",
        " ",
        "\n",
        "- ",
        " -",
        "/*",
        "*/",
        "é",
        "1e9",
        "0x",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..25).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn yaml_gives_back_what_it_was_given(document in document()) {
        let text = yaml::to_string(&document);
        prop_assert_eq!(yaml::parse(&text), Ok(document), "{}", text);
    }

    #[test]
    fn json_gives_back_what_it_was_given(document in document()) {
        let compact = json::to_string(&document);
        prop_assert_eq!(json::parse(compact.as_bytes()), Ok(document.clone()));
        let plain = json::to_string_with(&document, json::Html::Plain);
        prop_assert_eq!(json::parse(plain.as_bytes()), Ok(document.clone()));
        let pretty = json::to_string_pretty(&document);
        prop_assert_eq!(json::parse(pretty.as_bytes()), Ok(document));
    }

    #[test]
    fn any_text_is_read_or_refused(text in prop_oneof![any::<String>(), nearly_yaml()]) {
        let value = yaml::parse(&text);
        prop_assert_eq!(value.is_ok(), yaml::parse_strict(&text).is_ok());
        yaml::manifests(&text).for_each(drop);
        yaml::documents(&text).for_each(drop);
        let outline = yaml::Outline::read(&text);
        for path in ["a", "a.b", "[0]", "a[0].b", "é"] {
            if let Some(located) = outline.locate(path) {
                prop_assert!(text.get(located.value.bytes.clone()).is_some());
            }
        }
        if let Ok(value) = value {
            yaml::to_string(&value);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
        drop(json::parse(&bytes));
        drop(json::parse_strict(&bytes));
    }

    #[test]
    fn any_template_is_executed_or_refused(
        text in prop_oneof![any::<String>(), nearly_a_template()],
        document in document(),
    ) {
        if let Ok(template) = jsonpath::Template::parse(&text)
            && let Err(error) = template.print(&document)
        {
            template.report(&error, &document);
        }
        if let Ok(template) = gotemplate::Template::parse(&text) {
            template.print(&document);
        }
        drop(jsonpath::relaxed(&text));
    }
}
