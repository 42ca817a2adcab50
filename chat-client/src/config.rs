//! The configuration file: the same options as on the command line, in TOML.
//!
//! This module must not know what the options mean.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::args::ChatOptions;
use crate::failure::Failure;

/// Returns the default path of the configuration file, in the platform's folder for configuration.
fn default_path() -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("chat-client").join("config.toml"))
}

/// Reads the configuration file at `path`. If `path` is `None`, reads the default file if it exists.
///
/// # Errors
///
/// [`Failure::Usage`] if the file can't be read, or contains an unknown key or an invalid value.
pub(crate) fn read(path: Option<&Path>) -> Result<ChatOptions, Failure> {
    let is_default = path.is_none();
    let Some(path) = path.map(Path::to_owned).or_else(default_path) else { return Ok(ChatOptions::default()) };
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display()))),
        Err(error) if is_default && is_absent(&error) => Ok(ChatOptions::default()),
        Err(error) => Err(Failure::Usage(format!("{}: {error}", path.display()))),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn parse(text: &str) -> Result<ChatOptions, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn errors_name_the_known_keys_and_values() {
        let error = parse("nick = \"alice\"\ncolour = \"never\"\n").expect_err("an unknown key");
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("unknown field `colour`") && error.contains("`color`"), "{error}");
        let error = parse("bell = \"loud\"\n").expect_err("an unknown value");
        assert!(error.contains("unknown variant `loud`") && error.contains("`mentions`"), "{error}");
        let error = parse("room = \"#a\"\n").expect_err("a room that is not in a list");
        assert!(error.contains("line 1"), "{error}");
    }
}
