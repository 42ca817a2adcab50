//! Whether everybody in a room heard everything, once each, each talker's words in order, and all in one order.
//!
//! Told of every delivery, so it allocates nothing and hashes instead of remembering. It knows no socket and no clock.

/// What a member must never see.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("member {member} heard message {number} of talker {talker} when {next} was next: lost or swapped")]
    Gap { member: usize, talker: usize, number: u32, next: u32 },
    #[error("member {member} heard message {number} of talker {talker} when {next} was next: doubled or late")]
    Again { member: usize, talker: usize, number: u32, next: u32 },
    #[error("member {member} heard message {number} of talker {talker}, who has said only {said}")]
    Unsaid { member: usize, talker: usize, number: u32, said: u32 },
    #[error("member {member} heard a message of talker {talker} of room {room}, where it is not")]
    Stranger { member: usize, room: usize, talker: usize },
    #[error("member {member} heard itself")]
    Itself { member: usize },
    #[error("member {member} heard {heard} of the {said} messages of talker {talker}: lost")]
    Missing { member: usize, talker: usize, heard: u32, said: u32 },
    #[error("member {member} heard the messages in another order than member {reference}")]
    Moderation { member: usize, reference: usize },
}

/// One room, as each of its members hears it. Members and talkers are counted from 0.
#[derive(Debug)]
pub(crate) struct Check {
    talkers: Vec<Talker>,
    ears: Vec<Ear>,
    /// For each member and talker, what comes next: those of member 0, then those of member 1, and so on.
    next: Vec<u32>,
    /// A member who never talks: what all others' orders are compared with.
    reference: usize,
    echo: bool,
}

#[derive(Debug)]
struct Talker {
    member: usize,
    said: u32,
    /// The order of what the reference heard from all the others: what this talker hears where nobody hears itself.
    others: u64,
}

#[derive(Clone, Debug)]
struct Ear {
    order: u64,
    /// Whether it listens; who stopped reading can't be asked.
    listens: bool,
}

/// How far a member has come that hears everything.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    order: u64,
    next: Vec<u32>,
}

impl Check {
    /// A room of `members`, of whom `talkers` talk; with `echo` these hear themselves too.
    ///
    /// # Panics
    ///
    /// Unless somebody only listens: the orders of those who don't hear themselves need something to be compared with.
    pub(crate) fn new(members: usize, talkers: usize, echo: bool) -> Check {
        assert!(talkers < members, "in a room of {members}, at most {} can talk", members - 1);
        // Spread over the room, so that no place in the server's list of members is favoured.
        let talkers = (0..talkers).map(|talker| Talker { member: talker * members / talkers, said: 0, others: 0 });
        let talkers = talkers.collect::<Vec<_>>();
        Check {
            ears: vec![Ear { order: 0, listens: true }; members],
            next: vec![0; members * talkers.len()],
            // Rounding down keeps the talkers away from the last place.
            reference: members - 1,
            talkers,
            echo,
        }
    }

    pub(crate) fn members(&self) -> usize {
        self.ears.len()
    }

    pub(crate) fn talkers(&self) -> usize {
        self.talkers.len()
    }

    /// Which member `talker` is.
    pub(crate) fn member_of(&self, talker: usize) -> usize {
        self.talkers[talker].member
    }

    /// How many hear what one talker says.
    pub(crate) fn audience(&self) -> usize {
        self.ears.iter().filter(|ear| ear.listens).count() - usize::from(!self.echo)
    }

    /// The member stops reading: nothing is known of it from now on.
    pub(crate) fn deafen(&mut self, member: usize) {
        self.ears[member].listens = false;
    }

    /// The talker says its next message; its number.
    pub(crate) fn say(&mut self, talker: usize) -> u32 {
        let talker = &mut self.talkers[talker];
        talker.said += 1;
        talker.said - 1
    }

    /// The member hears message `number` of `talker`.
    #[inline]
    pub(crate) fn hear(&mut self, member: usize, talker: usize, number: u32) -> Result<(), Fault> {
        let next = &mut self.next[member * self.talkers.len() + talker];
        if number != *next {
            let next = *next;
            return Err(if number > next {
                Fault::Gap { member, talker, number, next }
            } else {
                Fault::Again { member, talker, number, next }
            });
        }
        let Talker { member: speaker, said, .. } = self.talkers[talker];
        if number >= said {
            return Err(Fault::Unsaid { member, talker, number, said });
        }
        if speaker == member && !self.echo {
            return Err(Fault::Itself { member });
        }
        *next += 1;
        let ear = &mut self.ears[member];
        ear.order = follow(ear.order, talker, number);
        if member == self.reference {
            for (other, heard) in self.talkers.iter_mut().enumerate() {
                if other != talker {
                    heard.others = follow(heard.others, talker, number);
                }
            }
        }
        Ok(())
    }

    /// What the member has heard, in which order, if it hears just what most others hear. The reference does not count:
    /// more than its own progress depends on what it hears.
    pub(crate) fn follows(&self, member: usize) -> Option<u64> {
        let is_talker = || self.talkers.iter().any(|talker| talker.member == member);
        let like_others = member != self.reference && (self.echo || !is_talker());
        like_others.then(|| self.ears[member].order)
    }

    /// Writes down how far the member has come.
    pub(crate) fn record(&self, member: usize, progress: &mut Progress) {
        progress.order = self.ears[member].order;
        progress.next.clear();
        progress.next.extend_from_slice(&self.next[member * self.talkers.len()..][..self.talkers.len()]);
    }

    /// The member, who [follows](Self::follows), has come as far as another one did.
    pub(crate) fn advance(&mut self, member: usize, progress: &Progress) {
        self.ears[member].order = progress.order;
        self.next[member * self.talkers.len()..][..self.talkers.len()].copy_from_slice(&progress.next);
    }

    /// Whether all who listen have heard all that was said.
    pub(crate) fn complete(&self) -> Result<(), Fault> {
        self.listeners().try_for_each(|member| {
            let heard = &self.next[member * self.talkers.len()..];
            let mut talkers = self.talkers.iter().zip(heard).enumerate();
            let lacks = talkers.find(|(_, (talker, heard))| talker.said != **heard && self.hears(member, talker));
            let missing = |(talker, (&Talker { said, .. }, &heard))| Fault::Missing { member, talker, heard, said };
            lacks.map(missing).map_or(Ok(()), Err)
        })
    }

    /// Whether all who listen heard it in one order. Says nothing before it is [complete](Check::complete).
    pub(crate) fn one_order(&self) -> Result<(), Fault> {
        let reference = self.reference;
        let differs = self.listeners().find(|&member| {
            let unheard = self.talkers.iter().find(|talker| !self.hears(member, talker));
            self.ears[member].order != unheard.map_or(self.ears[reference].order, |talker| talker.others)
        });
        differs.map_or(Ok(()), |member| Err(Fault::Moderation { member, reference }))
    }

    fn listeners(&self) -> impl Iterator<Item = usize> {
        (0..self.members()).filter(|&member| self.ears[member].listens)
    }

    fn hears(&self, member: usize, talker: &Talker) -> bool {
        self.echo || talker.member != member
    }
}

/// The order so far, and one message more.
#[inline]
fn follow(order: u64, talker: usize, number: u32) -> u64 {
    let message = (talker as u64) << 32 | u64::from(number);
    (order.rotate_left(5) ^ message).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TALKERS: usize = 2;
    const MEMBERS: usize = 5;

    /// A room in which each talker said three messages, and everybody heard what `heard` makes of the right order.
    #[track_caller]
    fn check(echo: bool, heard: impl Fn(usize, &mut Vec<(usize, u32)>), expected: &Result<(), Fault>) {
        let mut room = Check::new(MEMBERS, TALKERS, echo);
        let mut said = Vec::new();
        for _ in 0..3 {
            said.extend((0..TALKERS).map(|talker| (talker, room.say(talker))));
        }
        let mut hear_all = || {
            for member in 0..MEMBERS {
                let mut messages = said.clone();
                messages.retain(|&(talker, _)| echo || room.member_of(talker) != member);
                heard(member, &mut messages);
                messages.into_iter().try_for_each(|(talker, number)| room.hear(member, talker, number))?;
            }
            room.complete().and_then(|()| room.one_order())
        };
        assert_eq!(&hear_all(), expected);
    }

    #[test]
    fn all_messages_once_and_in_one_order_are_right() {
        check(false, |_, _| {}, &Ok(()));
        check(true, |_, _| {}, &Ok(()));
    }

    #[test]
    fn a_lost_message_is_noticed() {
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
    fn a_lost_last_message_is_noticed_at_the_end() {
        let lose = |member, messages: &mut Vec<_>| messages.truncate(if member == 3 { 5 } else { 6 });
        check(true, lose, &Err(Fault::Missing { member: 3, talker: 1, heard: 2, said: 3 }));
    }

    #[test]
    fn a_doubled_message_is_noticed() {
        let double = |member, messages: &mut Vec<_>| {
            if member == 4 {
                messages.insert(3, messages[1]);
            }
        };
        check(false, double, &Err(Fault::Again { member: 4, talker: 1, number: 0, next: 1 }));
    }

    #[test]
    fn a_doubled_last_message_is_noticed() {
        let double = |member, messages: &mut Vec<_>| messages.extend((member == 4).then_some((1, 2)));
        check(false, double, &Err(Fault::Again { member: 4, talker: 1, number: 2, next: 3 }));
    }

    #[test]
    fn two_swapped_messages_of_one_talker_are_noticed() {
        let swap = |member, messages: &mut Vec<_>| {
            if member == 1 {
                messages.swap(2, 4);
            }
        };
        check(false, swap, &Err(Fault::Gap { member: 1, talker: 0, number: 2, next: 1 }));
    }

    #[test]
    fn two_orders_are_noticed_also_of_talkers_who_do_not_hear_themselves() {
        let swap = |who| {
            move |member, messages: &mut Vec<_>| {
                if member == who {
                    messages.swap(2, 3);
                }
            }
        };
        check(false, swap(1), &Err(Fault::Moderation { member: 1, reference: 4 }));
        check(true, swap(0), &Err(Fault::Moderation { member: 0, reference: 4 }));

        // Of three talkers, each one's order of the two others counts.
        let mut room = Check::new(4, 3, false);
        (0..3).for_each(|talker| assert_eq!(room.say(talker), 0));
        for (member, talkers) in [(0, &[2, 1][..]), (1, &[0, 2]), (2, &[0, 1]), (3, &[0, 1, 2])] {
            for &talker in talkers {
                room.hear(member, talker, 0).expect("each heard this once");
            }
        }
        assert_eq!(room.complete(), Ok(()));
        assert_eq!(room.one_order(), Err(Fault::Moderation { member: 0, reference: 3 }));
    }

    #[test]
    fn all_members_swapping_alike_is_still_one_order() {
        check(
            false,
            |_, messages| messages.sort_unstable_by_key(|&(talker, number)| (number, TALKERS - talker)),
            &Ok(()),
        );
    }

    #[test]
    fn hearing_oneself_is_noticed() {
        let mut room = Check::new(3, 1, false);
        room.say(0);
        assert_eq!(room.hear(0, 0, 0), Err(Fault::Itself { member: 0 }));
    }

    #[test]
    fn a_message_that_nobody_said_is_noticed() {
        let mut room = Check::new(3, 1, false);
        assert_eq!(room.hear(1, 0, 0), Err(Fault::Unsaid { member: 1, talker: 0, number: 0, said: 0 }));
    }

    #[test]
    fn who_stopped_reading_is_not_asked() {
        let mut room = Check::new(3, 1, false);
        assert_eq!(room.audience(), 2);
        room.deafen(1);
        assert_eq!(room.audience(), 1);
        room.say(0);
        room.hear(2, 0, 0).expect("member 2 hears it");
        assert_eq!(room.complete().and(room.one_order()), Ok(()));
    }
}
