//! The answers to `/help`, which come from the table of commands.

use std::io::Write as _;

use super::commands::{COMMANDS, Group, Help, Spec, Usage};

/// Appends the answer to `/help`, `/help all` or `/help COMMAND`.
pub(super) fn write(help: Help, reply: &mut Vec<u8>) {
    match help {
        Help::Common => {
            write_list(COMMANDS.iter().filter(|spec| spec.is_common), reply);
            line(reply, format_args!("more: /help all lists all commands, /help COMMAND explains one"));
        }
        Help::All => {
            write_list(COMMANDS.iter(), reply);
            line(reply, format_args!("other lines:"));
            line(reply, format_args!("//TEXT  Send a line that begins with a slash"));
        }
        Help::One(spec) => {
            write_spec(spec, reply);
            if !spec.aliases.is_empty() {
                let aliases: Vec<_> = spec.aliases.iter().map(|alias| format!("/{alias}")).collect();
                let plural = if aliases.len() == 1 { "" } else { "es" };
                line(reply, format_args!("  alias{plural}: {}", aliases.join(", ")));
            }
            if matches!(spec.group, Group::RoomOperators | Group::ServerOperators) {
                line(reply, format_args!("  for {}", spec.group));
            }
        }
    }
}

/// Appends these commands, each group under its heading.
fn write_list(specs: impl Iterator<Item = &'static Spec>, reply: &mut Vec<u8>) {
    let mut group = None;
    for spec in specs {
        if group.replace(spec.group) != Some(spec.group) {
            line(reply, format_args!("{}:", spec.group));
        }
        write_spec(spec, reply);
    }
}

fn write_spec(spec: &'static Spec, reply: &mut Vec<u8>) {
    line(reply, format_args!("{}  {}", Usage(spec), spec.help));
}

fn line(reply: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    writeln!(reply, "* {text}").expect("a Vec takes all bytes");
}
