//! Checks of the packages: few dependencies, short examples, documents that match the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package is in the workspace").to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn chat_core_depends_on_exactly_four_crates() {
    let tree = Command::new(chat_tests::cargo())
        .args(["tree", "-p", "chat-core", "-e", "normal", "--depth", "1", "--prefix", "none", "--locked"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("cargo prints text");
    let mut crates: Vec<&str> = tree.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    crates.sort_unstable();
    assert_eq!(crates, ["crossbeam-channel", "log", "socket2", "thiserror"]);
}

#[test]
fn examples_are_short() {
    for entry in fs::read_dir(root().join("chat-core/examples")).expect("there are examples") {
        let path = entry.expect("the directory can be read").path();
        let lines = fs::read_to_string(&path).expect("an example is text").lines().count();
        let max = if path.ends_with("replies.rs") { 60 } else { 30 };
        assert!(lines <= max, "{} has {lines} lines", path.display());
    }
}

#[test]
fn readme_and_crate_docs_show_first_example() {
    let example = read("chat-core/examples/server.rs");
    let code = example.split_once("\n\n").expect("a comment comes first").1;
    assert!(read("README.md").contains(code), "README.md");
    let documentation: String = read("chat-core/src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .flat_map(|line| [line.strip_prefix(' ').unwrap_or(line), "\n"])
        .collect();
    assert!(documentation.contains(code), "chat-core/src/lib.rs");
}

/// Runs a program and returns its output.
fn run_program(program: &str, args: &[&str]) -> String {
    let output = chat_tests::command(chat_tests::program(program)).args(args).output().expect("it starts");
    assert!(output.status.success(), "{program} {args:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

#[test]
fn client_readme_contains_its_help_text() {
    let page = read("chat-client/README.md");
    for args in [&["--help"][..], &["send", "--help"], &["tail", "--help"]] {
        let help = run_program("chat-client", args);
        assert!(
            page.contains(&format!("```text\n{}\n```", help.trim_end())),
            "chat-client/README.md should have:\n{help}"
        );
    }
}

/// Returns the set of long options in a text.
fn options(text: &str) -> BTreeSet<String> {
    let begin = text.match_indices("--").map(|(at, _)| &text[at..]);
    let options =
        begin.map(|rest| rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect::<String>());
    options.filter(|option| option.len() > 2 && !option.contains("---")).collect()
}

#[test]
fn server_readme_lists_every_option_and_default() {
    let (help, page) = (run_program("chat-server", &["--help"]), read("chat-server/README.md"));
    let (mut help_options, mut page_options) = (options(&help), options(&page));
    // The page omits options that every program has, and the help omits options for packagers.
    help_options.retain(|option| !["--help", "--version", "--verbose", "--quiet"].contains(&option.as_str()));
    for option in ["--completions", "--man-pages"] {
        assert!(page_options.remove(option), "{option}");
    }
    assert_eq!(help_options, page_options);
    let words: Vec<&str> = help.split_whitespace().collect();
    let mut option = "";
    let mut defaults = 0;
    for pair in words.windows(2) {
        if pair[0].starts_with("--") && pair[1].starts_with('<') {
            option = pair[0];
        }
        if pair[0] == "[default:" {
            let default = pair[1].trim_end_matches(']');
            let row = page.lines().find(|line| line.starts_with('|') && line.contains(&format!("`{option} ")));
            let row = row.unwrap_or_else(|| panic!("no row of {option}"));
            assert!(row.contains(default), "{option} is {default} by default: {row}");
            defaults += 1;
        }
    }
    assert!(defaults > 15, "{defaults}");
}

#[test]
fn protocol_page_lists_every_command_from_help() {
    let server = chat_tests::ChatServer::start(&[]);
    let mut client = chat_tests::Client::join(server.address());
    client.send("/help all\n");
    let page = read("chat-core/PROTOCOL.md");
    let help: Vec<_> = client.barrier().into_iter().filter(|line| !line.ends_with(':')).collect();
    assert!(help.len() >= 40, "{help:?}");
    for line in help {
        let (command, help) = line.strip_prefix("* ").and_then(|line| line.split_once("  ")).expect("a line of help");
        let row = format!("| `{command}` | {help} |");
        assert!(page.contains(&row), "PROTOCOL.md lacks {row}");
    }
}

#[test]
fn hostile_rows_name_existing_tests() {
    let page = read("tests/HOSTILE.md");
    let rows: Vec<_> = page.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" | ")).collect();
    let rows: Vec<_> = rows.into_iter().filter(|(number, _)| number.parse::<u32>().is_ok()).collect();
    let numbers: Vec<u32> = rows.iter().map(|(number, _)| number.parse().expect("a number")).collect();
    let implemented = (1..=45).chain([48, 51, 54]);
    assert_eq!(numbers, implemented.collect::<Vec<_>>());
    for (number, row) in rows {
        let (_, tests) = row.trim_end_matches(" |").split_once(" | ").expect("three cells");
        for (file, names) in tests.split("; ").filter_map(|entry| entry.strip_prefix('`')?.split_once("`: ")) {
            let source = read(file);
            // Text in parentheses is a comment.
            for name in names.split(" (").next().unwrap_or_default().split(", ") {
                assert!(source.contains(&format!("fn {name}(")), "row {number}: {file} has no {name}");
            }
        }
    }
}
