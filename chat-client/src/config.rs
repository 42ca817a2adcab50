//! What somebody has chosen once and for all: the configuration file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::args::Person;
use crate::failure::Failure;

/// Where it is, unless one says so: in the place that the platform has for that.
fn usual_place() -> Option<PathBuf> {
    Some(dirs::config_dir()?.join("chat-client").join("config.toml"))
}

/// Reads the file that was `chosen`, or the usual one if there is one.
///
/// # Errors
///
/// [`Failure::Usage`], if it can't be read, or has something in it that is not known.
pub(crate) fn read(chosen: Option<&Path>) -> Result<Person, Failure> {
    let Some(path) = chosen.map(Path::to_owned).or_else(usual_place) else { return Ok(Person::default()) };
    match fs::read_to_string(&path) {
        Ok(text) => parse(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display()))),
        Err(error) if chosen.is_none() && is_absent(&error) => Ok(Person::default()),
        Err(error) => Err(Failure::Usage(format!("{}: {error}", path.display()))),
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn parse(text: &str) -> Result<Person, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn what_is_not_known_is_told_with_what_is() {
        let error = parse("nick = \"alice\"\ncolour = \"never\"\n").expect_err("a key that is none");
        assert!(error.contains("line 2"), "{error}");
        assert!(error.contains("unknown field `colour`") && error.contains("`color`"), "{error}");
        let error = parse("bell = \"loud\"\n").expect_err("a value that is none");
        assert!(error.contains("unknown variant `loud`") && error.contains("`mentions`"), "{error}");
        let error = parse("room = \"#a\"\n").expect_err("one room is a list, too");
        assert!(error.contains("line 1"), "{error}");
    }
}
