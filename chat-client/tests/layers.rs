//! The folders of `src` depend on each other in one direction only.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each folder or file of `src`, and the other folders and files that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("output", &[]),
    ("failure", &[]),
    ("secret", &["failure"]),
    ("net", &["failure", "secret"]),
    ("chat", &["net"]),
    ("args", &["chat", "net", "failure", "secret"]),
    ("config", &["args", "failure"]),
    ("terminal", &["chat", "net", "failure", "output", "secret"]),
    ("scripting", &["args", "net", "failure", "output", "secret"]),
];

/// Returns the root modules that `source` names by `crate::`, or by a path with more than `depth` times `super::`.
/// Ignores inline tests.
fn used(source: &str, depth: usize) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let code: Vec<&str> = source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join("\n");
    let root = "super::".repeat(depth + 1);
    let paths = ["crate::", root.as_str()].into_iter().flat_map(|root| code.split(root).skip(1));
    // A list such as `crate::{a, b}` gives an empty name, which no layer may use.
    let name = |path: &str| path.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    paths.map(name).collect()
}

/// Returns the modules that a file of `layer` uses and must not use.
fn forbidden(layer: &str, source: &str, depth: usize) -> Vec<String> {
    let (_, allowed) = LAYERS.iter().find(|(name, _)| *name == layer).expect("every layer is in the table");
    used(source, depth).into_iter().filter(|name| name != layer && !allowed.contains(&name.as_str())).collect()
}

/// Returns all files in `folder` and below it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).expect("the folder is readable").map(|entry| entry.expect("the entry").path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn layers_use_only_lower_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files(&src) {
        let module = path.strip_prefix(&src).expect("the file is in src").with_extension("");
        let parts: Vec<_> = module.iter().map(|part| part.to_str().expect("a name in UTF-8")).collect();
        if parts != ["main"] {
            let source = fs::read_to_string(&path).expect("the file is text");
            let found = forbidden(parts[0], &source, parts.len() - 1);
            assert!(found.is_empty(), "{} must not use {found:?}", path.display());
        }
    }
}

#[test]
fn table_lists_lower_layers_first() {
    for (at, (layer, allowed)) in LAYERS.iter().enumerate() {
        let lower: Vec<&str> = LAYERS[..at].iter().map(|(name, _)| *name).collect();
        assert!(allowed.iter().all(|name| lower.contains(name)), "{layer}");
    }
}

#[test]
fn forbidden_paths_are_found() {
    assert_eq!(forbidden("net", "use crate::chat::view::View;", 1), ["chat"]);
    assert_eq!(forbidden("terminal", "fn f() { super::super::scripting::tail::run() }", 1), ["scripting"]);
    assert_eq!(forbidden("chat", "use crate::{net, terminal};", 1), [""]);
    assert_eq!(forbidden("chat", "use super::style::Style; // crate::terminal", 1), [""; 0]);
}
