//! The black-box checker of the delivery contract in ARCHITECTURE.md.
//!
//! Each member keeps a [`Record`] of what it said and received; [`violations`] compares the records. The checker must
//! not know sockets or the server: it works on records alone.

use std::collections::HashMap;

/// What one member said and received, in order.
#[derive(Clone, Debug)]
pub struct Record {
    /// The member's name, as the others see it.
    pub name: String,
    /// The member joined before the first text and stayed until after the last.
    pub stayed: bool,
    /// The member's own texts. No two texts of a run may be equal.
    pub said: Vec<String>,
    /// The lines that the member received.
    pub heard: Vec<Heard>,
}

/// One line that a member received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A member joined.
    Joined(String),
    /// A member said something.
    Said {
        /// The sender.
        from: String,
        /// The text.
        text: String,
    },
    /// History: a text from before this member joined.
    Past {
        /// The sender.
        from: String,
        /// The text.
        text: String,
    },
    /// A member left.
    Left(String),
    /// Any other line.
    Other(String),
}

impl Heard {
    /// Parses a line of the plain line protocol.
    #[must_use]
    pub fn parse(line: &str) -> Heard {
        let said = |line: &str| {
            let (from, text) = line.strip_prefix('<')?.split_once("> ")?;
            Some((from.to_owned(), text.to_owned()))
        };
        let parsed = if line.starts_with('<') {
            said(line).map(|(from, text)| Heard::Said { from, text })
        } else if let Some(rest) = line.strip_prefix("~ ") {
            let (_time, line) = rest.split_once(' ').unwrap_or_default();
            said(line).map(|(from, text)| Heard::Past { from, text })
        } else if let Some(rest) = line.strip_prefix('[') {
            let joined = rest.strip_suffix("] entered room").map(|name| Heard::Joined(name.to_owned()));
            joined.or_else(|| rest.strip_suffix("] is offline").map(|name| Heard::Left(name.to_owned())))
        } else {
            None
        };
        parsed.unwrap_or_else(|| Heard::Other(line.to_owned()))
    }
}

/// A violation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the fields say it")]
pub enum Violation {
    /// I1: the named sender did not say this text, or the line is none of the protocol.
    Forged { hearer: String, line: String },
    /// I2: received twice.
    Doubled { hearer: String, text: String },
    /// I3: the texts of one sender in an order other than sent.
    SenderReordered { hearer: String, from: String },
    /// I4: an order other than another member received.
    Reordered { hearer: String, text: String, instead_of: String },
    /// I5: not received, although the member was in the room.
    Lost { hearer: String, text: String },
    /// I6: the member's own text.
    Echoed { hearer: String, text: String },
    /// History that arrived after something new.
    PastTooLate { hearer: String, text: String },
    /// I7: a member joined twice, left twice, left without having been in, or spoke while not in.
    Roster { hearer: String, about: String },
}

/// All texts of a run, numbered.
struct Texts<'a> {
    /// The sender of each text.
    from: Vec<&'a str>,
    text: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> Texts<'a> {
    fn of(records: &'a [Record]) -> Texts<'a> {
        let said =
            records.iter().flat_map(|record| record.said.iter().map(|text| (record.name.as_str(), text.as_str())));
        let (from, text): (Vec<_>, Vec<_>) = said.unzip();
        let numbers: HashMap<_, _> = text.iter().enumerate().map(|(number, text)| (*text, number)).collect();
        assert_eq!(numbers.len(), text.len(), "no text may be said twice");
        Texts { from, text, numbers }
    }

    /// Returns the numbers of the texts that `record` received, as history or live, from their true senders.
    ///
    /// Together they must have no gap, and contain each text once.
    fn heard_by(&self, record: &Record) -> Vec<usize> {
        let texts = record.heard.iter().filter_map(|heard| match heard {
            Heard::Said { from, text } | Heard::Past { from, text } => {
                let number = *self.numbers.get(text.as_str())?;
                (self.from[number] == from).then_some(number)
            }
            _ => None,
        });
        texts.collect()
    }
}

/// Returns all violations that the records show.
///
/// # Panics
///
/// If no member stayed and only listened: the checker needs one that must have received everything. If texts are equal.
#[must_use]
pub fn violations(records: &[Record]) -> Vec<Violation> {
    let texts = Texts::of(records);
    let mut found = Vec::new();
    let heard: Vec<Vec<usize>> = records.iter().map(|record| texts.heard_by(record)).collect();
    let listener = records.iter().position(|record| record.stayed && record.said.is_empty());
    // The one order of all texts. Texts that the listener did not receive have no place in it, and come last.
    let mut order = heard[listener.expect("a member stayed and only listened")].clone();
    let mut placed = vec![false; texts.text.len()];
    order.retain(|&number| !std::mem::replace(&mut placed[number], true));
    order.extend((0..texts.text.len()).filter(|&number| !placed[number]));
    for (record, heard) in records.iter().zip(heard) {
        record.check_lines(&texts, &mut found);
        let once = record.check_repetition(&heard, &texts, &mut found);
        record.check_order(&once, &order, &texts, &mut found);
        record.check_roster(&mut found);
    }
    found
}

impl Record {
    /// Checks I1 and I6, and that history precedes everything new.
    fn check_lines(&self, texts: &Texts<'_>, found: &mut Vec<Violation>) {
        let mut live_seen = false;
        for heard in &self.heard {
            let (line, from, text) = match heard {
                Heard::Said { from, text } => {
                    live_seen = true;
                    (format!("<{from}> {text}"), from, text)
                }
                Heard::Past { from, text } => {
                    if live_seen {
                        found.push(Violation::PastTooLate { hearer: self.name.clone(), text: text.clone() });
                    }
                    (format!("~ <{from}> {text}"), from, text)
                }
                Heard::Other(line) => {
                    found.push(Violation::Forged { hearer: self.name.clone(), line: line.clone() });
                    continue;
                }
                Heard::Joined(_) | Heard::Left(_) => {
                    live_seen = true;
                    continue;
                }
            };
            let number = texts.numbers.get(text.as_str());
            if number.is_none_or(|&number| texts.from[number] != from) {
                found.push(Violation::Forged { hearer: self.name.clone(), line });
            }
            if *from == self.name {
                found.push(Violation::Echoed { hearer: self.name.clone(), text: text.clone() });
            }
        }
    }

    /// Checks I2 and I3. Returns each received text once.
    fn check_repetition(&self, heard: &[usize], texts: &Texts<'_>, found: &mut Vec<Violation>) -> Vec<usize> {
        let mut seen = vec![false; texts.text.len()];
        let mut latest: HashMap<&str, usize> = HashMap::new();
        let mut once = Vec::with_capacity(heard.len());
        for &number in heard {
            let (from, text) = (texts.from[number], texts.text[number]);
            if std::mem::replace(&mut seen[number], true) {
                found.push(Violation::Doubled { hearer: self.name.clone(), text: text.to_owned() });
                continue;
            }
            once.push(number);
            // A sender's texts are numbered in the order sent.
            if latest.insert(from, number).is_some_and(|latest| latest > number) {
                found.push(Violation::SenderReordered { hearer: self.name.clone(), from: from.to_owned() });
            }
        }
        once
    }

    /// Checks I4 and I5: what the member received must be the one order of all texts, without its own.
    ///
    /// A member that stayed must have received all of it, another member everything from its first to its last text.
    fn check_order(&self, heard: &[usize], order: &[usize], texts: &Texts<'_>, found: &mut Vec<Violation>) {
        let mut was_heard = vec![false; texts.text.len()];
        for &number in heard {
            was_heard[number] = true;
        }
        let others: Vec<usize> = order.iter().copied().filter(|&number| texts.from[number] != self.name).collect();
        let mut expected = others.as_slice();
        if !self.stayed {
            let Some(first) = expected.iter().position(|&number| was_heard[number]) else { return };
            let last = expected.iter().rposition(|&number| was_heard[number]).expect("there is a first");
            expected = &expected[first..=last];
        }
        for &lost in expected.iter().filter(|&&number| !was_heard[number]) {
            found.push(Violation::Lost { hearer: self.name.clone(), text: texts.text[lost].to_owned() });
        }
        let heard = heard.iter().filter(|&&number| texts.from[number] != self.name);
        let wanted = expected.iter().filter(|&&number| was_heard[number]);
        if let Some((&text, &instead_of)) = heard.zip(wanted).find(|(heard, wanted)| heard != wanted) {
            let (text, instead_of) = (texts.text[text].to_owned(), texts.text[instead_of].to_owned());
            found.push(Violation::Reordered { hearer: self.name.clone(), text, instead_of });
        }
    }

    /// Checks I7. A member that appears before any notice about it was in the room before this one.
    fn check_roster(&self, found: &mut Vec<Violation>) {
        let mut present: HashMap<&str, bool> = HashMap::new();
        for heard in &self.heard {
            let (name, is_consistent) = match heard {
                Heard::Joined(name) => (name, present.insert(name, true) != Some(true)),
                Heard::Left(name) => (name, present.insert(name, false) != Some(false)),
                Heard::Said { from, .. } => (from, *present.entry(from).or_insert(true)),
                Heard::Past { .. } | Heard::Other(_) => continue,
            };
            if !is_consistent || *name == self.name {
                found.push(Violation::Roster { hearer: self.name.clone(), about: name.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the records of two talkers, a listener, and a member that joined late and left early. They have no
    /// fault.
    fn records() -> Vec<Record> {
        let all = ["a0", "b0", "a1", "b1", "a2", "b2"];
        let record = |name: &str, stayed, said: &[&str], heard: &[&str]| Record {
            name: name.into(),
            stayed,
            said: said.iter().map(|&text| text.into()).collect(),
            heard: heard
                .iter()
                .map(|&line| match line.as_bytes() {
                    [b'+', ..] => Heard::Joined(line[1..].into()),
                    [b'-', ..] => Heard::Left(line[1..].into()),
                    [b'~', ..] => Heard::Past { from: line[1..2].into(), text: line[1..].into() },
                    _ => Heard::Said { from: line[..1].into(), text: line.into() },
                })
                .collect(),
        };
        vec![
            record("a", true, &["a0", "a1", "a2"], &["b0", "+late", "b1", "-late", "b2"]),
            record("b", true, &["b0", "b1", "b2"], &["a0", "+late", "a1", "a2", "-late"]),
            record("listener", true, &[], &["a0", "b0", "+late", all[2], all[3], all[4], "-late", "b2"]),
            record("late", false, &[], &["~a0", "~b0", "a1", "b1", "a2"]),
        ]
    }

    /// Applies a fault to what `hearer` received, and expects exactly these violations.
    #[track_caller]
    fn check(hearer: usize, fault: impl FnOnce(&mut Vec<Heard>), expected: &[Violation]) {
        let mut records = records();
        fault(&mut records[hearer].heard);
        assert_eq!(violations(&records), expected);
    }

    fn said(text: &str) -> Heard {
        Heard::Said { from: text[..1].into(), text: text.into() }
    }

    fn reordered(hearer: &str, text: &str, instead_of: &str) -> Violation {
        Violation::Reordered { hearer: hearer.into(), text: text.into(), instead_of: instead_of.into() }
    }

    fn position(heard: &[Heard], text: &str) -> usize {
        heard.iter().position(|heard| *heard == said(text)).expect("the text is there")
    }

    #[test]
    fn faultless_records_show_no_violation() {
        check(0, |_| {}, &[]);
    }

    #[test]
    fn lost_text_is_found() {
        for (hearer, name) in [(0, "a"), (3, "late")] {
            let lost = Violation::Lost { hearer: name.into(), text: "b1".into() };
            check(hearer, |heard| drop(heard.remove(position(heard, "b1"))), &[lost]);
        }
    }

    #[test]
    fn text_received_by_no_member_is_found() {
        let mut records = records();
        for record in &mut records {
            record.heard.retain(|heard| *heard != said("a1"));
        }
        let lost = |hearer: &str| Violation::Lost { hearer: hearer.into(), text: "a1".into() };
        assert_eq!(violations(&records), [lost("b"), lost("listener")]);
    }

    #[test]
    fn duplicate_text_is_found() {
        let doubled = Violation::Doubled { hearer: "a".into(), text: "b1".into() };
        let double = |heard: &mut Vec<Heard>| {
            let at = position(heard, "b1");
            heard.insert(at, said("b1"));
        };
        check(0, double, &[doubled]);
    }

    #[test]
    fn swapped_texts_are_found() {
        let swap = |one, other| {
            move |heard: &mut Vec<Heard>| {
                let (one, other) = (position(heard, one), position(heard, other));
                heard.swap(one, other);
            }
        };
        let sender = Violation::SenderReordered { hearer: "b".into(), from: "a".into() };
        check(1, swap("a0", "a1"), &[sender, reordered("b", "a1", "a0")]);
        check(3, swap("b1", "a2"), &[reordered("late", "a2", "b1")]);
    }

    #[test]
    fn faults_between_history_and_live_texts_are_found() {
        let past = || Heard::Past { from: "b".into(), text: "b0".into() };
        let late = |violation: fn(String, String) -> Violation, text: &str| violation("late".into(), text.into());
        let doubled = [late(|hearer, text| Violation::Doubled { hearer, text }, "b0")];
        check(3, |heard| heard.insert(2, past()), &doubled);
        check(3, |heard| heard.insert(2, said("b0")), &doubled);
        let lost = late(|hearer, text| Violation::Lost { hearer, text }, "a1");
        check(3, |heard| drop(heard.remove(position(heard, "a1"))), &[lost]);
        let too_late = late(|hearer, text| Violation::PastTooLate { hearer, text }, "b0");
        let move_after = |heard: &mut Vec<Heard>| {
            let at = heard.iter().position(|heard| *heard == past()).expect("the history is there");
            heard.swap(at, at + 1);
        };
        check(3, move_after, &[too_late, reordered("late", "a1", "b0")]);
    }

    #[test]
    fn echo_is_found() {
        let echoed = Violation::Echoed { hearer: "a".into(), text: "a0".into() };
        let roster = Violation::Roster { hearer: "a".into(), about: "a".into() };
        check(0, |heard| heard.insert(0, said("a0")), &[echoed, roster]);
    }

    #[test]
    fn altered_text_is_found() {
        let forged = Violation::Forged { hearer: "late".into(), line: "<b> b1?".into() };
        let lost = Violation::Lost { hearer: "late".into(), text: "b1".into() };
        let change = |heard: &mut Vec<Heard>| {
            let at = position(heard, "b1");
            heard[at] = Heard::Said { from: "b".into(), text: "b1?".into() };
        };
        check(3, change, &[forged, lost]);
    }

    #[test]
    fn wrong_notice_is_found() {
        let roster = |about: &str| Violation::Roster { hearer: "listener".into(), about: about.into() };
        check(2, |heard| heard.push(Heard::Left("late".into())), &[roster("late")]);
        check(2, |heard| heard.insert(0, Heard::Left("b".into())), &[roster("b"), roster("b"), roster("b")]);
        check(2, |heard| heard.push(Heard::Joined("b".into())), &[roster("b")]);
        check(2, |heard| heard.insert(0, Heard::Joined("listener".into())), &[roster("listener")]);
    }

    #[test]
    fn lines_are_parsed() {
        let parsed = [
            ("<127.0.0.1:5> a > b", Heard::Said { from: "127.0.0.1:5".into(), text: "a > b".into() }),
            ("[[::1]:5] entered room", Heard::Joined("[::1]:5".into())),
            ("[127.0.0.1:5] is offline", Heard::Left("127.0.0.1:5".into())),
            ("~ 2026-11-24T21:04:09Z <a> b c", Heard::Past { from: "a".into(), text: "b c".into() }),
            ("! oops", Heard::Other("! oops".into())),
        ];
        for (line, heard) in parsed {
            assert_eq!(Heard::parse(line), heard);
        }
    }
}
