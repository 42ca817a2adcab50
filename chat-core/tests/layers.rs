//! The dependencies between the folders of `src` have one direction. `ARCHITECTURE.md` has the same table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each folder, and the folders that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("state", &["model"]),
    ("session", &["model"]),
    ("hub", &["state", "session", "model"]),
    ("protocol", &["session", "model"]),
    ("server", &["hub", "session", "model"]),
    ("testing", &["hub", "state", "session", "model", "protocol", "server"]),
];

/// Files that only tests compile, and that may use everything.
const TEST_FILES: &[&str] = &["tests.rs", "scene.rs"];

/// Returns the code of a file without comments and without the module of its tests.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// Returns the folders that `code` names by `crate::` and `super::`. The code is nested `depth` modules below `folder`.
fn used(folder: &str, depth: usize, code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        // Any folder may define an item that the root re-exports, so code inside the crate must not use the item by the
        // root.
        match rest.strip_prefix('{') {
            Some(list) => {
                let items = list.split('}').next().unwrap_or_default().split(',');
                used.extend(items.map(|item| name(item.trim())));
            }
            None => drop(used.insert(name(rest))),
        }
    }
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let supers = code[at..].split("::").take_while(|part| *part == "super").count();
        if supers > depth {
            let rest = &code[at + supers * "super::".len()..];
            used.insert(name(rest));
        }
    }
    used.remove(folder);
    used
}

/// Returns the folders that the source uses but must not use.
fn forbidden(folder: &str, depth: usize, source: &str) -> Vec<String> {
    let (_, allowed) = LAYERS.iter().find(|(layer, _)| *layer == folder).expect("each folder is in the table");
    used(folder, depth, &code(source)).into_iter().filter(|other| !allowed.contains(&other.as_str())).collect()
}

/// Returns the source files of a folder and its subfolders, without folders named `tests`.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn folders_use_only_the_layers_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut count = 0;
    for path in files(&src) {
        let inner = path.strip_prefix(&src).expect("it is in src").with_extension("");
        let parts: Vec<_> = inner.iter().map(|part| part.to_str().expect("names are text")).collect();
        let is_test = path.file_name().is_some_and(|name| TEST_FILES.iter().any(|test| *test == name));
        if parts == ["lib"] || is_test {
            continue;
        }
        let source = fs::read_to_string(&path).expect("it is text");
        let found = forbidden(parts[0], parts.len() - 1, &source);
        assert!(found.is_empty(), "{} must not use {}", path.display(), found.join(", "));
        count += 1;
    }
    assert!(count > 80, "{count} files were looked at");
}

#[test]
fn forbidden_paths_are_found() {
    for (folder, depth, source, found) in [
        ("state", 1, "use crate::hub::batch::Batch;", "hub"),
        ("model", 0, "fn f() { crate::state::State::new() }", "state"),
        ("protocol", 2, "use super::super::super::server::Server;", "server"),
        ("session", 0, "use crate::{hub, model};", "hub"),
        ("hub", 1, "use crate::Line;", "Line"),
    ] {
        assert_eq!(forbidden(folder, depth, source), [found], "{source}");
    }
    for (folder, depth, source) in [
        ("state", 1, "use super::members::Members; use crate::model::name::Name; // crate::hub::X"),
        ("hub", 2, "use super::super::batch::Batch;\n#[cfg(test)]\nmod tests { use crate::protocol::line::Line; }"),
    ] {
        assert!(forbidden(folder, depth, source).is_empty(), "{source}");
    }
}

#[test]
fn architecture_page_has_the_table_of_layers() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../ARCHITECTURE.md"));
    let page = page.expect("there is such a page");
    for (folder, allowed) in LAYERS.iter().filter(|(folder, _)| *folder != "testing") {
        let allowed = if allowed.is_empty() { "nothing here".to_owned() } else { allowed.join(", ") };
        let row = page.lines().find(|line| line.starts_with(&format!("| `{folder}/` |")));
        assert!(row.is_some_and(|row| row.ends_with(&format!("| {allowed} |"))), "{folder}: {row:?} lacks {allowed}");
    }
}
