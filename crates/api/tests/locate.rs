//! Where the values of a document stand, also while it is being typed.

use api::yaml::Outline;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: p   # the name
  labels: {app: web, app.kubernetes.io/name: \"demo\"}
spec:
  containers:
  - name: nginx
    image: nginx:1.25.3
  - name: side
    args: [a, 'b c']
    script: |
      one
      two
  empty:
";

/// What the text says at a path, and the line and column where it begins.
#[track_caller]
fn check(text: &str, path: &str, expected: &str, line: usize, column: usize) {
    let outline = Outline::read(text);
    let located = outline.locate(path).expect("the document is not empty");
    assert!(located.is_exact, "{path} is not found");
    let span = located.value;
    assert_eq!(&text[span.bytes.clone()], expected, "{path}");
    assert_eq!((span.start.line, span.start.column), (line, column), "{path}");
    let first_line = expected.lines().next().unwrap_or_default();
    assert_eq!(span.length, first_line.chars().count(), "{path}");
}

/// The last thing that is there on the way.
#[track_caller]
fn check_nearest(text: &str, path: &str, key: &str) {
    let outline = Outline::read(text);
    let located = outline.locate(path).expect("the document is not empty");
    assert!(!located.is_exact, "{path} is found");
    let found = located.key.map_or("", |span| &text[span.bytes.clone()]);
    assert_eq!(found, key, "{path}");
}

#[test]
fn values_are_found() {
    check(POD, "kind", "Pod", 2, 7);
    check(POD, "metadata.name", "p", 4, 9);
    check(POD, ".metadata.labels.app", "web", 5, 17);
    check(POD, "metadata.labels.app.kubernetes.io/name", "\"demo\"", 5, 46);
    check(POD, "metadata.labels[app.kubernetes.io/name]", "\"demo\"", 5, 46);
    check(POD, "spec.containers[0].image", "nginx:1.25.3", 9, 12);
    check(POD, "spec.containers[1].args[1]", "'b c'", 11, 15);
    check(POD, "spec.containers[1].args", "[a, 'b c']", 11, 11);
    check(POD, "spec.containers[1].script", "|\n      one\n      two", 12, 13);
    check(POD, "spec.containers[0]", "name: nginx\n    image: nginx:1.25.3", 8, 5);
    check(POD, "spec.empty", "", 15, 9);
    check("日本: [語, x]\n", "日本[1]", "x", 1, 9);
    check("{\"a\": {\"b\": 1}}", "a.b", "1", 1, 13);
    check("a: 1\na: 2\n", "a", "2", 2, 4);
    check("? {x: y}\n: 1\nb: 2\n", "b", "2", 3, 4);
}

#[test]
fn what_is_not_there_leads_to_its_parent() {
    check_nearest(POD, "spec.containers[0].ports[0].name", "");
    check_nearest(POD, "spec.containers[9].image", "containers");
    check_nearest(POD, "metadata.namespace", "metadata");
    check_nearest(POD, "status.phase", "");
    assert!(Outline::read("").locate("a").is_none());
    assert!(Outline::read("# nothing\n").locate("a").is_none());
}

#[test]
fn broken_documents_are_searched_too() {
    check("a: 1\nb: 'x\nc: 3\n", "a", "1", 1, 4);
    check("a:\n  b: 1\n c: 2\nd: 3\n", "d", "3", 4, 4);
    check("a: b: c\nd: 3\n", "d", "3", 2, 4);
    check("spec:\n  x\n  y: 2\n", "spec.y", "2", 3, 6);
    check("spec:\n  list: [1, 2\n  y: 2\n", "spec.y", "2", 3, 6);
    check("a: {{ x }}\nb: 2\n", "b", "2", 2, 4);
    check("a:\n\tb: 1\nc: 2\n", "c", "2", 3, 4);
    check(
        "kind: Pod\nspec:\n  containers:\n  - name: x\n    im",
        "spec.containers[0].name",
        "x",
        4,
        11,
    );
}
