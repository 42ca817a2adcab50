//! A property test: random inputs, compared with a model that follows the effects.

use proptest::prelude::*;

use super::*;
use crate::state::reference::Model;

fn line() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "A", "b", "straße", "STRASSE", "c"]);
    let mask = || prop::sample::select(vec!["a", "b", "c", "?", "192.0.2.3", "192.0.2.0/29", "192.0.2.1:1", "*!*@lo*"]);
    let room = || prop::sample::select(vec!["#lobby", "#x", "#X", "#y", "#z", "#w"]);
    prop_oneof![
        4 => "[a-z]{1,25}",
        2 => room().prop_map(|room| format!("/join {room}")),
        2 => room().prop_map(|room| format!("/part {room}")),
        2 => name().prop_map(|name| format!("/nick {name}")),
        1 => name().prop_map(|name| format!("/msg {name} hi")),
        1 => name().prop_map(|name| format!("/ignore {name}")),
        1 => name().prop_map(|name| format!("/unignore {name}")),
        1 => name().prop_map(|name| format!("/whois {name}")),
        1 => name().prop_map(|name| format!("/kick {name}")),
        1 => name().prop_map(|name| format!("/op {name}")),
        1 => name().prop_map(|name| format!("/deop {name}")),
        1 => name().prop_map(|name| format!("/invite {name}")),
        1 => prop::sample::select(vec!["+i", "-i", "+m", "-m", "+k x", "-k", "+l 1", "-l", "+n", "-n", "+s", "-s"])
            .prop_map(|mode| format!("/mode {mode}")),
        1 => prop::sample::select(vec!["/part", "/rooms", "/who", "/topic x", "/topic", "/history", "/away x", "/away", "/me x"])
            .prop_map(str::to_owned),
        2 => (prop::sample::select(vec!["ban", "mute", "serverban"]), mask(), prop::sample::select(vec!["", " 20s", " x"]))
            .prop_map(|(order, mask, time)| format!("/{order} {mask}{time}")),
        1 => (prop::sample::select(vec!["unban", "unmute", "serverunban", "kill"]), mask())
            .prop_map(|(order, mask)| format!("/{order} {mask}")),
        1 => prop::sample::select(vec!["/oper sesame", "/oper x", "/bans", "/serverbans", "/announce x", "/topic -", "/stats"])
            .prop_map(str::to_owned),
        1 => (prop::sample::select(vec!["exempt", "unexempt"]), prop::sample::select(vec!["bans", "invitation"]), mask())
            .prop_map(|(order, rule, mask)| format!("/{order} {rule} {mask}")),
        1 => prop::sample::select(vec!["/ops x", "/whowas a", "/exemptions bans", "#x hi", "#y /ops x", "#z /who", "#x /rooms"])
            .prop_map(str::to_owned),
        1 => Just("/quit".to_owned()),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Join(Name),
    Ask(MemberId, String),
    Leave(Vec<MemberId>),
}

fn step() -> impl Strategy<Value = Step> {
    let member = || (0..8_u64).prop_map(MemberId);
    let name = prop_oneof![
        prop::sample::select(vec!["a", "A", "b", "straße", "STRASSE"]).prop_map(nick),
        prop::sample::select(vec!["192.0.2.1:1", "192.0.2.1:2"]).prop_map(Name::address),
    ];
    prop_oneof![
        2 => name.prop_map(Step::Join),
        8 => (member(), line()).prop_map(|(member, line)| Step::Ask(member, line)),
        1 => prop::collection::vec(member(), 0..4).prop_map(Step::Leave),
    ]
}

proptest! {
    #[test]
    fn rosters_match_joins_minus_leaves(steps in prop::collection::vec(step(), 0..120)) {
        let mut state = hub(&[]);
        let mut model = Model::default();
        for (number, step) in (0_u64..).zip(steps) {
            let effects = match step {
                // Member ids are never reused; the other steps use the small ids.
                Step::Join(name) => apply(&mut state, join(MemberId(number), name)),
                Step::Ask(member, line) => ask(&mut state, member, &format!("@{number} {line}")),
                Step::Leave(members) if members.len() == 1 => {
                    apply(&mut state, Input::Leave { member: members[0], reason: CloseReason::EndOfStream })
                }
                Step::Leave(members) => {
                    apply(&mut state, Input::LeaveTogether { members, reason: CloseReason::ShuttingDown })
                }
            };
            model.follow(&effects);
            model.check(&state);
        }
    }
}
