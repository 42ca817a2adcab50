//! The black-box checker of the delivery contract in ARCHITECTURE.md.
//!
//! Each member keeps a [`Record`] of the messages that it sent and the lines that it received. [`find_violations`]
//! compares the records. This module must not know sockets or the server.

use std::collections::HashMap;

/// The messages that one member sent, and the lines that it received, both in order.
#[derive(Clone, Debug)]
pub struct Record {
    /// The member's name, as the others see it.
    pub name: String,
    /// Whether the member joined before the first message and stayed until after the last message.
    pub stayed: bool,
    /// The texts of the member's messages. All texts of a run must differ.
    pub sent: Vec<String>,
    /// The lines that the member received.
    pub received: Vec<ReceivedLine>,
}

/// One line that a member received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceivedLine {
    /// A member joined.
    Joined(String),
    /// A member sent a message.
    Message {
        /// The sender.
        from: String,
        /// The text.
        text: String,
    },
    /// History: a message from before this member joined.
    History {
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

impl ReceivedLine {
    /// Parses a line of the plain line protocol.
    #[must_use]
    pub fn parse(line: &str) -> ReceivedLine {
        let parse_message = |line: &str| {
            let (from, text) = line.strip_prefix('<')?.split_once("> ")?;
            Some((from.to_owned(), text.to_owned()))
        };
        let parsed = if line.starts_with('<') {
            parse_message(line).map(|(from, text)| ReceivedLine::Message { from, text })
        } else if let Some(rest) = line.strip_prefix("~ ") {
            let (_time, line) = rest.split_once(' ').unwrap_or_default();
            parse_message(line).map(|(from, text)| ReceivedLine::History { from, text })
        } else if let Some(rest) = line.strip_prefix('[') {
            let joined = rest.strip_suffix("] entered room").map(|name| ReceivedLine::Joined(name.to_owned()));
            joined.or_else(|| rest.strip_suffix("] is offline").map(|name| ReceivedLine::Left(name.to_owned())))
        } else {
            None
        };
        parsed.unwrap_or_else(|| ReceivedLine::Other(line.to_owned()))
    }
}

/// A violation of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the field names are self-explanatory")]
pub enum Violation {
    /// I1: the named sender did not send this message, or the protocol has no such line.
    Forged { member: String, line: String },
    /// I2: the member received a message twice.
    Duplicated { member: String, text: String },
    /// I3: the member received the messages of one sender in an order other than the order of sending.
    SenderReordered { member: String, from: String },
    /// I4: the member received messages in another order than another member.
    Reordered { member: String, text: String, instead_of: String },
    /// I5: the member did not receive a message, although it was in the room.
    Lost { member: String, text: String },
    /// I6: the member received its own message.
    Echoed { member: String, text: String },
    /// The member received history after a live line.
    LateHistory { member: String, text: String },
    /// I7: a member joined twice, left twice, or left or sent a message while it was not in the room.
    Membership { member: String, about: String },
}

/// All messages of a run, numbered.
struct SentMessages<'a> {
    /// The sender of each message.
    from: Vec<&'a str>,
    text: Vec<&'a str>,
    numbers: HashMap<&'a str, usize>,
}

impl<'a> SentMessages<'a> {
    fn of(records: &'a [Record]) -> SentMessages<'a> {
        let sent =
            records.iter().flat_map(|record| record.sent.iter().map(|text| (record.name.as_str(), text.as_str())));
        let (from, text): (Vec<_>, Vec<_>) = sent.unzip();
        let numbers: HashMap<_, _> = text.iter().enumerate().map(|(number, text)| (*text, number)).collect();
        assert_eq!(numbers.len(), text.len(), "all texts of a run must differ");
        SentMessages { from, text, numbers }
    }

    /// Returns the numbers of the messages that `record` received from their true senders, as history or live.
    ///
    /// Together they must have no gap, and contain each message once.
    fn received_by(&self, record: &Record) -> Vec<usize> {
        let messages = record.received.iter().filter_map(|received| match received {
            ReceivedLine::Message { from, text } | ReceivedLine::History { from, text } => {
                let number = *self.numbers.get(text.as_str())?;
                (self.from[number] == from).then_some(number)
            }
            _ => None,
        });
        messages.collect()
    }
}

/// Returns all violations in the records.
///
/// # Panics
///
/// If there is no member that stayed and sent nothing: the checker needs such a member, because it must have received
/// every message. If two texts are equal.
#[must_use]
pub fn find_violations(records: &[Record]) -> Vec<Violation> {
    let messages = SentMessages::of(records);
    let mut found = Vec::new();
    let received: Vec<Vec<usize>> = records.iter().map(|record| messages.received_by(record)).collect();
    let reader = records.iter().position(|record| record.stayed && record.sent.is_empty());
    // The order in which this reader received all messages. Messages that it did not receive come last.
    let mut order = received[reader.expect("a member stayed and sent nothing")].clone();
    let mut placed = vec![false; messages.text.len()];
    order.retain(|&number| !std::mem::replace(&mut placed[number], true));
    order.extend((0..messages.text.len()).filter(|&number| !placed[number]));
    for (record, received) in records.iter().zip(received) {
        record.check_lines(&messages, &mut found);
        let once = record.check_duplicates(&received, &messages, &mut found);
        record.check_order(&once, &order, &messages, &mut found);
        record.check_membership(&mut found);
    }
    found
}

impl Record {
    /// Checks I1 and I6, and that history precedes every live line.
    fn check_lines(&self, messages: &SentMessages<'_>, found: &mut Vec<Violation>) {
        let mut live_seen = false;
        for received in &self.received {
            let (line, from, text) = match received {
                ReceivedLine::Message { from, text } => {
                    live_seen = true;
                    (format!("<{from}> {text}"), from, text)
                }
                ReceivedLine::History { from, text } => {
                    if live_seen {
                        found.push(Violation::LateHistory { member: self.name.clone(), text: text.clone() });
                    }
                    (format!("~ <{from}> {text}"), from, text)
                }
                ReceivedLine::Other(line) => {
                    found.push(Violation::Forged { member: self.name.clone(), line: line.clone() });
                    continue;
                }
                ReceivedLine::Joined(_) | ReceivedLine::Left(_) => {
                    live_seen = true;
                    continue;
                }
            };
            let number = messages.numbers.get(text.as_str());
            if number.is_none_or(|&number| messages.from[number] != from) {
                found.push(Violation::Forged { member: self.name.clone(), line });
            }
            if *from == self.name {
                found.push(Violation::Echoed { member: self.name.clone(), text: text.clone() });
            }
        }
    }

    /// Checks I2 and I3. Returns the number of each received message once.
    fn check_duplicates(
        &self,
        received: &[usize],
        messages: &SentMessages<'_>,
        found: &mut Vec<Violation>,
    ) -> Vec<usize> {
        let mut seen = vec![false; messages.text.len()];
        let mut latest: HashMap<&str, usize> = HashMap::new();
        let mut once = Vec::with_capacity(received.len());
        for &number in received {
            let (from, text) = (messages.from[number], messages.text[number]);
            if std::mem::replace(&mut seen[number], true) {
                found.push(Violation::Duplicated { member: self.name.clone(), text: text.to_owned() });
                continue;
            }
            once.push(number);
            // The messages of one sender are numbered in the order sent.
            if latest.insert(from, number).is_some_and(|latest| latest > number) {
                found.push(Violation::SenderReordered { member: self.name.clone(), from: from.to_owned() });
            }
        }
        once
    }

    /// Checks I4 and I5: the member must have received all messages in `order`, except its own.
    ///
    /// A member that did not stay must have received all messages between the first and the last message that it
    /// received.
    fn check_order(
        &self,
        received: &[usize],
        order: &[usize],
        messages: &SentMessages<'_>,
        found: &mut Vec<Violation>,
    ) {
        let mut was_received = vec![false; messages.text.len()];
        for &number in received {
            was_received[number] = true;
        }
        let others: Vec<usize> = order.iter().copied().filter(|&number| messages.from[number] != self.name).collect();
        let mut expected = others.as_slice();
        if !self.stayed {
            let Some(first) = expected.iter().position(|&number| was_received[number]) else { return };
            let last = expected.iter().rposition(|&number| was_received[number]).expect("there is a first");
            expected = &expected[first..=last];
        }
        for &lost in expected.iter().filter(|&&number| !was_received[number]) {
            found.push(Violation::Lost { member: self.name.clone(), text: messages.text[lost].to_owned() });
        }
        let received = received.iter().filter(|&&number| messages.from[number] != self.name);
        let wanted = expected.iter().filter(|&&number| was_received[number]);
        if let Some((&text, &instead_of)) = received.zip(wanted).find(|(received, wanted)| received != wanted) {
            let (text, instead_of) = (messages.text[text].to_owned(), messages.text[instead_of].to_owned());
            found.push(Violation::Reordered { member: self.name.clone(), text, instead_of });
        }
    }

    /// Checks I7. A sender without an earlier join notice was in the room before this member.
    fn check_membership(&self, found: &mut Vec<Violation>) {
        let mut present: HashMap<&str, bool> = HashMap::new();
        for received in &self.received {
            let (name, is_consistent) = match received {
                ReceivedLine::Joined(name) => (name, present.insert(name, true) != Some(true)),
                ReceivedLine::Left(name) => (name, present.insert(name, false) != Some(false)),
                ReceivedLine::Message { from, .. } => (from, *present.entry(from).or_insert(true)),
                ReceivedLine::History { .. } | ReceivedLine::Other(_) => continue,
            };
            if !is_consistent || *name == self.name {
                found.push(Violation::Membership { member: self.name.clone(), about: name.clone() });
            }
        }
    }
}

#[cfg(test)]
mod tests;
