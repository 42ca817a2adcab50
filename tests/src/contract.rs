//! What a member can count on, checked from outside: the delivery contract of ARCHITECTURE.md.
//!
//! Each member keeps a [`Record`] of what it said and heard; [`violations`] holds them against each other.

use std::collections::HashMap;

/// What one member said and heard, in order.
#[derive(Clone, Debug)]
pub struct Record {
    /// What the others call it.
    pub name: String,
    /// It was in before the first text and stayed until after the last.
    pub stayed: bool,
    /// Its own texts. No text may be said twice, by anybody.
    pub said: Vec<String>,
    /// What reached it.
    pub heard: Vec<Heard>,
}

/// One line that reached a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Somebody entered.
    Joined(String),
    /// Somebody said something.
    Said {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Somebody had said something before one came in.
    Past {
        /// Who.
        from: String,
        /// What.
        text: String,
    },
    /// Somebody left.
    Left(String),
    /// Something else.
    Other(String),
}

impl Heard {
    /// Reads a line of the plain line protocol.
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

/// A breach of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names of the fields say it")]
pub enum Violation {
    /// I1: a text that the one it names did not say, or a line that is none.
    Forged { hearer: String, line: String },
    /// I2: heard twice.
    Doubled { hearer: String, text: String },
    /// I3: one sender's texts in another order than said.
    SenderReordered { hearer: String, from: String },
    /// I4: another order than somebody else heard.
    Reordered { hearer: String, text: String, instead_of: String },
    /// I5: not heard by somebody who was in.
    Lost { hearer: String, text: String },
    /// I6: one's own text.
    Echoed { hearer: String, text: String },
    /// What was said before, told after something new.
    PastTooLate { hearer: String, text: String },
    /// I7: entered twice, left twice or without having been in, or said something while not in.
    Roster { hearer: String, about: String },
}

/// All texts that were said, numbered.
struct Texts<'a> {
    /// Who said each.
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

    /// The numbers of the texts that `record` heard and somebody said, before it came in or after: together they must be
    /// without a gap, and each there once.
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

/// All breaches that the records show.
///
/// # Panics
///
/// When nobody stayed who said nothing: it takes one who must have heard everything. When a text was said twice.
#[must_use]
pub fn violations(records: &[Record]) -> Vec<Violation> {
    let texts = Texts::of(records);
    let mut found = Vec::new();
    let heard: Vec<Vec<usize>> = records.iter().map(|record| texts.heard_by(record)).collect();
    let listener = records.iter().position(|record| record.stayed && record.said.is_empty());
    // The one order of all texts; those that the listener did not hear have no place in it, and come last.
    let mut order = heard[listener.expect("somebody stayed and only listened")].clone();
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
    /// I1 and I6.
    fn check_lines(&self, texts: &Texts<'_>, found: &mut Vec<Violation>) {
        let mut something_new = false;
        for heard in &self.heard {
            let (line, from, text) = match heard {
                Heard::Said { from, text } => {
                    something_new = true;
                    (format!("<{from}> {text}"), from, text)
                }
                Heard::Past { from, text } => {
                    if something_new {
                        found.push(Violation::PastTooLate { hearer: self.name.clone(), text: text.clone() });
                    }
                    (format!("~ <{from}> {text}"), from, text)
                }
                Heard::Other(line) => {
                    found.push(Violation::Forged { hearer: self.name.clone(), line: line.clone() });
                    continue;
                }
                Heard::Joined(_) | Heard::Left(_) => {
                    something_new = true;
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

    /// I2 and I3; returns each text once.
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
            // A sender's texts are numbered in the order said.
            if latest.insert(from, number).is_some_and(|latest| latest > number) {
                found.push(Violation::SenderReordered { hearer: self.name.clone(), from: from.to_owned() });
            }
        }
        once
    }

    /// I4 and I5: what it heard is the one order of all texts, less its own: from the first to the last if it stayed,
    /// else from where it came in to where it left.
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

    /// I7. Those it heard of before any notice were in before it.
    fn check_roster(&self, found: &mut Vec<Violation>) {
        let mut present: HashMap<&str, bool> = HashMap::new();
        for heard in &self.heard {
            let (name, fine) = match heard {
                Heard::Joined(name) => (name, present.insert(name, true) != Some(true)),
                Heard::Left(name) => (name, present.insert(name, false) != Some(false)),
                Heard::Said { from, .. } => (from, *present.entry(from).or_insert(true)),
                Heard::Past { .. } | Heard::Other(_) => continue,
            };
            if !fine || *name == self.name {
                found.push(Violation::Roster { hearer: self.name.clone(), about: name.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two talkers, a listener, and one who came late and left early. Nothing is wrong.
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

    /// With this fault in what `hearer` heard, exactly these breaches are found.
    #[track_caller]
    fn check(hearer: usize, fault: impl FnOnce(&mut Vec<Heard>), breaches: &[Violation]) {
        let mut records = records();
        fault(&mut records[hearer].heard);
        assert_eq!(violations(&records), breaches);
    }

    fn said(text: &str) -> Heard {
        Heard::Said { from: text[..1].into(), text: text.into() }
    }

    fn reordered(hearer: &str, text: &str, instead_of: &str) -> Violation {
        Violation::Reordered { hearer: hearer.into(), text: text.into(), instead_of: instead_of.into() }
    }

    fn position(heard: &[Heard], text: &str) -> usize {
        heard.iter().position(|heard| *heard == said(text)).expect("it was heard")
    }

    #[test]
    fn a_faultless_record_shows_no_breach() {
        check(0, |_| {}, &[]);
    }

    #[test]
    fn a_lost_text_is_found() {
        for (hearer, name) in [(0, "a"), (3, "late")] {
            let lost = Violation::Lost { hearer: name.into(), text: "b1".into() };
            check(hearer, |heard| drop(heard.remove(position(heard, "b1"))), &[lost]);
        }
    }

    #[test]
    fn a_text_that_nobody_heard_is_found() {
        let mut records = records();
        for record in &mut records {
            record.heard.retain(|heard| *heard != said("a1"));
        }
        let lost = |hearer: &str| Violation::Lost { hearer: hearer.into(), text: "a1".into() };
        assert_eq!(violations(&records), [lost("b"), lost("listener")]);
    }

    #[test]
    fn a_doubled_text_is_found() {
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
    fn a_fault_between_what_was_said_before_and_what_is_new_is_found() {
        let past = || Heard::Past { from: "b".into(), text: "b0".into() };
        let late = |breach: fn(String, String) -> Violation, text: &str| breach("late".into(), text.into());
        let doubled = late(|hearer, text| Violation::Doubled { hearer, text }, "b0");
        let doubled = [doubled];
        check(3, |heard| heard.insert(2, past()), &doubled);
        check(3, |heard| heard.insert(2, said("b0")), &doubled);
        let lost = late(|hearer, text| Violation::Lost { hearer, text }, "a1");
        check(3, |heard| drop(heard.remove(position(heard, "a1"))), &[lost]);
        let too_late = late(|hearer, text| Violation::PastTooLate { hearer, text }, "b0");
        let move_behind = |heard: &mut Vec<Heard>| {
            let at = heard.iter().position(|heard| *heard == past()).expect("it was told");
            heard.swap(at, at + 1);
        };
        check(3, move_behind, &[too_late, reordered("late", "a1", "b0")]);
    }

    #[test]
    fn an_echo_is_found() {
        let echoed = Violation::Echoed { hearer: "a".into(), text: "a0".into() };
        let roster = Violation::Roster { hearer: "a".into(), about: "a".into() };
        check(0, |heard| heard.insert(0, said("a0")), &[echoed, roster]);
    }

    #[test]
    fn a_changed_text_is_found() {
        let forged = Violation::Forged { hearer: "late".into(), line: "<b> b1?".into() };
        let lost = Violation::Lost { hearer: "late".into(), text: "b1".into() };
        let change = |heard: &mut Vec<Heard>| {
            let at = position(heard, "b1");
            heard[at] = Heard::Said { from: "b".into(), text: "b1?".into() };
        };
        check(3, change, &[forged, lost]);
    }

    #[test]
    fn a_wrong_notice_is_found() {
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
