//! Bytes in, bytes out.

mod channels;
mod extensions;
mod people;
mod registration;

use super::scene::Scene;
use super::*;
use crate::model::options::HubOptions;

/// After some lines, each behind the letter of the client that sends it, one more has this effect.
#[track_caller]
fn check(before: &[&str], line: &str, heard: &[&str]) {
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
    assert_eq!(scene.heard(), heard, "{line}");
}
