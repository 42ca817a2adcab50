//! Checks that every member of a room receives every message once, in sender order, and in one order for all members.
//!
//! The check runs for every delivery, so it allocates nothing and hashes messages instead of storing them. This module
//! must not know sockets or clocks.

/// A violation of the delivery contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("member {member} received message {number} of talker {talker} when {next} was next: lost or reordered")]
    Gap { member: usize, talker: usize, number: u32, next: u32 },
    #[error("member {member} received message {number} of talker {talker} when {next} was next: duplicated or late")]
    Duplicate { member: usize, talker: usize, number: u32, next: u32 },
    #[error("member {member} received message {number} of talker {talker}, which has sent only {sent}")]
    Unsent { member: usize, talker: usize, number: u32, sent: u32 },
    #[error("member {member} received a message of talker {talker} of room {room}, which is not its room")]
    WrongRoom { member: usize, room: usize, talker: usize },
    #[error("member {member} received its own message")]
    Echo { member: usize },
    #[error("member {member} received {received} of the {sent} messages of talker {talker}: lost")]
    Missing { member: usize, talker: usize, received: u32, sent: u32 },
    #[error("member {member} received the messages in another order than member {reference}")]
    DifferentOrder { member: usize, reference: usize },
}

/// One room, with the progress of each of its members. Members and talkers are numbered from 0.
#[derive(Debug)]
pub(crate) struct Check {
    talkers: Vec<Talker>,
    recipients: Vec<Recipient>,
    /// The number of the next message per member and talker: first all talkers for member 0, then for member 1, and so
    /// on.
    next: Vec<u32>,
    /// The index of a member that never talks. The check compares the order at all other members with this member's
    /// order.
    reference: usize,
    echo: bool,
}

#[derive(Debug)]
struct Talker {
    member: usize,
    sent: u32,
    /// The order in which the reference received the messages of all other talkers.
    ///
    /// On a server that does not echo, this talker must receive the messages of the others in the same order.
    others: u64,
}

#[derive(Clone, Debug)]
struct Recipient {
    order: u64,
    /// Whether the member still reads. The check ignores a member that has stopped reading.
    reads: bool,
}

/// The state of a member that receives every message.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    order: u64,
    next: Vec<u32>,
}

impl Check {
    /// Creates a room with `members` members, among them `talkers` talkers. With `echo`, talkers also receive their own
    /// messages.
    ///
    /// # Panics
    ///
    /// If every member talks. A talker without echo misses its own messages, so only a member that never talks can be
    /// the reference for the order.
    pub(crate) fn new(members: usize, talkers: usize, echo: bool) -> Check {
        assert!(talkers < members, "in a room of {members}, at most {} can talk", members - 1);
        // Spread the talkers over the room, so that no position in the server's list of members is favoured.
        let talkers = (0..talkers).map(|talker| Talker { member: talker * members / talkers, sent: 0, others: 0 });
        let talkers = talkers.collect::<Vec<_>>();
        Check {
            recipients: vec![Recipient { order: 0, reads: true }; members],
            next: vec![0; members * talkers.len()],
            // Rounding down keeps the talkers away from the last index.
            reference: members - 1,
            talkers,
            echo,
        }
    }

    pub(crate) fn members(&self) -> usize {
        self.recipients.len()
    }

    pub(crate) fn talkers(&self) -> usize {
        self.talkers.len()
    }

    /// Returns the member number of `talker`.
    pub(crate) fn member_of(&self, talker: usize) -> usize {
        self.talkers[talker].member
    }

    /// Returns how many members receive a message of one talker.
    pub(crate) fn recipient_count(&self) -> usize {
        self.recipients.iter().filter(|recipient| recipient.reads).count() - usize::from(!self.echo)
    }

    /// Excludes a member that stops reading from all further checks.
    pub(crate) fn exclude(&mut self, member: usize) {
        self.recipients[member].reads = false;
    }

    /// Counts one more message of the talker, and returns its number.
    pub(crate) fn send(&mut self, talker: usize) -> u32 {
        let talker = &mut self.talkers[talker];
        talker.sent += 1;
        talker.sent - 1
    }

    /// Checks that `member` may receive message `number` of `talker` now, and records it.
    #[inline]
    pub(crate) fn receive(&mut self, member: usize, talker: usize, number: u32) -> Result<(), Fault> {
        let next = &mut self.next[member * self.talkers.len() + talker];
        if number != *next {
            let next = *next;
            return Err(if number > next {
                Fault::Gap { member, talker, number, next }
            } else {
                Fault::Duplicate { member, talker, number, next }
            });
        }
        let Talker { member: sender, sent, .. } = self.talkers[talker];
        if number >= sent {
            return Err(Fault::Unsent { member, talker, number, sent });
        }
        if sender == member && !self.echo {
            return Err(Fault::Echo { member });
        }
        *next += 1;
        let recipient = &mut self.recipients[member];
        recipient.order = hash_next(recipient.order, talker, number);
        if member == self.reference {
            for (other, state) in self.talkers.iter_mut().enumerate() {
                if other != talker {
                    state.others = hash_next(state.others, talker, number);
                }
            }
        }
        Ok(())
    }

    /// Returns a hash of the messages that the member received, in order. Most members must receive the same stream.
    ///
    /// Returns `None` for a member with another stream: the reference, which sets the expected order, and a talker
    /// without echo, which misses its own messages.
    pub(crate) fn comparable_order(&self, member: usize) -> Option<u64> {
        let is_talker = || self.talkers.iter().any(|talker| talker.member == member);
        let like_others = member != self.reference && (self.echo || !is_talker());
        like_others.then(|| self.recipients[member].order)
    }

    /// Copies the member's progress into `progress`.
    pub(crate) fn save_progress(&self, member: usize, progress: &mut Progress) {
        progress.order = self.recipients[member].order;
        progress.next.clear();
        progress.next.extend_from_slice(&self.next[member * self.talkers.len()..][..self.talkers.len()]);
    }

    /// Sets the progress of a member with a [comparable order](Self::comparable_order) to that of another such member.
    pub(crate) fn load_progress(&mut self, member: usize, progress: &Progress) {
        self.recipients[member].order = progress.order;
        self.next[member * self.talkers.len()..][..self.talkers.len()].copy_from_slice(&progress.next);
    }

    /// Checks that every reading member received every message.
    pub(crate) fn complete(&self) -> Result<(), Fault> {
        self.readers().try_for_each(|member| {
            let received = &self.next[member * self.talkers.len()..];
            let mut talkers = self.talkers.iter().zip(received).enumerate();
            let incomplete =
                talkers.find(|(_, (talker, received))| talker.sent != **received && self.receives(member, talker));
            let missing =
                |(talker, (&Talker { sent, .. }, &received))| Fault::Missing { member, talker, received, sent };
            incomplete.map(missing).map_or(Ok(()), Err)
        })
    }

    /// Checks that all reading members received one order. Meaningful only after [`complete`](Check::complete).
    pub(crate) fn one_order(&self) -> Result<(), Fault> {
        let reference = self.reference;
        let differs = self.readers().find(|&member| {
            let own = self.talkers.iter().find(|talker| !self.receives(member, talker));
            self.recipients[member].order != own.map_or(self.recipients[reference].order, |talker| talker.others)
        });
        differs.map_or(Ok(()), |member| Err(Fault::DifferentOrder { member, reference }))
    }

    fn readers(&self) -> impl Iterator<Item = usize> {
        (0..self.members()).filter(|&member| self.recipients[member].reads)
    }

    fn receives(&self, member: usize, talker: &Talker) -> bool {
        self.echo || talker.member != member
    }
}

/// Extends the hash of an order by one message.
#[inline]
fn hash_next(order: u64, talker: usize, number: u32) -> u64 {
    let message = (talker as u64) << 32 | u64::from(number);
    (order.rotate_left(5) ^ message).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALKERS: usize = 2;
    const MEMBERS: usize = 5;

    /// Checks a room in which each talker sent three messages, and each member received them as `reorder` changed them.
    #[track_caller]
    fn check(echo: bool, reorder: impl Fn(usize, &mut Vec<(usize, u32)>), expected: &Result<(), Fault>) {
        let mut room = Check::new(MEMBERS, TALKERS, echo);
        let mut sent = Vec::new();
        for _ in 0..3 {
            sent.extend((0..TALKERS).map(|talker| (talker, room.send(talker))));
        }
        let mut receive_all = || {
            for member in 0..MEMBERS {
                let mut messages = sent.clone();
                messages.retain(|&(talker, _)| echo || room.member_of(talker) != member);
                reorder(member, &mut messages);
                messages.into_iter().try_for_each(|(talker, number)| room.receive(member, talker, number))?;
            }
            room.complete().and_then(|()| room.one_order())
        };
        assert_eq!(&receive_all(), expected);
    }

    #[test]
    fn complete_ordered_delivery_passes() {
        check(false, |_, _| {}, &Ok(()));
        check(true, |_, _| {}, &Ok(()));
    }

    #[test]
    fn lost_message_is_detected() {
        let lose = |at| {
            move |member, messages: &mut Vec<_>| {
                if member == 1 {
                    messages.remove(at);
                }
            }
        };
        check(false, lose(0), &Err(Fault::Gap { member: 1, talker: 0, number: 1, next: 0 }));
        check(false, lose(3), &Err(Fault::Gap { member: 1, talker: 1, number: 2, next: 1 }));
    }

    #[test]
    fn lost_last_message_is_detected_at_the_end() {
        let lose = |member, messages: &mut Vec<_>| messages.truncate(if member == 3 { 5 } else { 6 });
        check(true, lose, &Err(Fault::Missing { member: 3, talker: 1, received: 2, sent: 3 }));
    }

    #[test]
    fn duplicate_message_is_detected() {
        let double = |member, messages: &mut Vec<_>| {
            if member == 4 {
                messages.insert(3, messages[1]);
            }
        };
        check(false, double, &Err(Fault::Duplicate { member: 4, talker: 1, number: 0, next: 1 }));
    }

    #[test]
    fn duplicate_last_message_is_detected() {
        let double = |member, messages: &mut Vec<_>| messages.extend((member == 4).then_some((1, 2)));
        check(false, double, &Err(Fault::Duplicate { member: 4, talker: 1, number: 2, next: 3 }));
    }

    #[test]
    fn swap_within_one_sender_is_detected() {
        let swap = |member, messages: &mut Vec<_>| {
            if member == 1 {
                messages.swap(2, 4);
            }
        };
        check(false, swap, &Err(Fault::Gap { member: 1, talker: 0, number: 2, next: 1 }));
    }

    #[test]
    fn different_orders_are_detected() {
        let swap = |who| {
            move |member, messages: &mut Vec<_>| {
                if member == who {
                    messages.swap(2, 3);
                }
            }
        };
        check(false, swap(1), &Err(Fault::DifferentOrder { member: 1, reference: 4 }));
        check(true, swap(0), &Err(Fault::DifferentOrder { member: 0, reference: 4 }));

        // With three talkers, each talker's own order of the two others counts.
        let mut room = Check::new(4, 3, false);
        (0..3).for_each(|talker| assert_eq!(room.send(talker), 0));
        for (member, talkers) in [(0, &[2, 1][..]), (1, &[0, 2]), (2, &[0, 1]), (3, &[0, 1, 2])] {
            for &talker in talkers {
                room.receive(member, talker, 0).expect("each received this once");
            }
        }
        assert_eq!(room.complete(), Ok(()));
        assert_eq!(room.one_order(), Err(Fault::DifferentOrder { member: 0, reference: 3 }));
    }

    #[test]
    fn same_swap_for_all_is_one_order() {
        check(
            false,
            |_, messages| messages.sort_unstable_by_key(|&(talker, number)| (number, TALKERS - talker)),
            &Ok(()),
        );
    }

    #[test]
    fn unexpected_echo_is_detected() {
        let mut room = Check::new(3, 1, false);
        room.send(0);
        assert_eq!(room.receive(0, 0, 0), Err(Fault::Echo { member: 0 }));
    }

    #[test]
    fn unsent_message_is_detected() {
        let mut room = Check::new(3, 1, false);
        assert_eq!(room.receive(1, 0, 0), Err(Fault::Unsent { member: 1, talker: 0, number: 0, sent: 0 }));
    }

    #[test]
    fn stalled_member_is_not_checked() {
        let mut room = Check::new(3, 1, false);
        assert_eq!(room.recipient_count(), 2);
        room.exclude(1);
        assert_eq!(room.recipient_count(), 1);
        room.send(0);
        room.receive(2, 0, 0).expect("member 2 receives it");
        assert_eq!(room.complete().and(room.one_order()), Ok(()));
    }
}
