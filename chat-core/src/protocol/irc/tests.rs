//! Tests of the protocol from bytes to bytes, over a [`Scene`].

mod channels;
mod extensions;
mod members;
mod registration;

use super::scene::Scene;
use super::*;
use crate::model::options::HubOptions;

/// Sends the `before` lines, then `line`, and compares all that the clients receive because of `line`.
///
/// The letter before each line names the client that sends or receives it.
#[track_caller]
fn check(before: &[&str], line: &str, expected: &[&str]) {
    let mut scene = Scene::of_three();
    let say = |scene: &mut Scene, line: &str| {
        let (letter, line) = line.split_once(' ').expect("a letter and a line");
        scene.say(letter.chars().next().expect("a letter"), &format!("{line}\r\n"));
    };
    for line in before {
        say(&mut scene, line);
    }
    scene.forget();
    say(&mut scene, line);
    assert_eq!(scene.received(), expected, "{line}");
}
