//! The modes of a room.
//!
//! This module must not know who sets a mode, or what a mode permits.

use crate::model::moderation::Mode;
use crate::model::text::Text;

/// The modes of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a mode by itself, and all go together")]
pub(super) struct Modes {
    pub(super) invite_only: bool,
    pub(super) moderated: bool,
    pub(super) topic_locked: bool,
    pub(super) members_only: bool,
    pub(super) secret: bool,
    pub(super) key: Option<Text>,
    pub(super) limit: Option<usize>,
}

impl Default for Modes {
    fn default() -> Modes {
        let (invite_only, moderated, topic_locked, members_only, secret) = (false, false, false, true, false);
        Modes { invite_only, moderated, topic_locked, members_only, secret, key: None, limit: None }
    }
}

impl Modes {
    /// Sets a mode, and returns whether the modes have changed.
    pub(super) fn set(&mut self, mode: Mode) -> bool {
        let before = self.clone();
        match mode {
            Mode::InviteOnly(on) => self.invite_only = on,
            Mode::Moderated(on) => self.moderated = on,
            Mode::TopicLocked(on) => self.topic_locked = on,
            Mode::MembersOnly(on) => self.members_only = on,
            Mode::Secret(on) => self.secret = on,
            Mode::Key(key) => self.key = key,
            Mode::Limit(limit) => self.limit = limit,
        }
        *self != before
    }

    /// Returns the modes that differ from the modes of a new room.
    pub(super) fn list(&self) -> Vec<Mode> {
        let flags = [
            (self.invite_only, Mode::InviteOnly(true)),
            (self.moderated, Mode::Moderated(true)),
            (self.topic_locked, Mode::TopicLocked(true)),
            (!self.members_only, Mode::MembersOnly(false)),
            (self.secret, Mode::Secret(true)),
            (self.key.is_some(), Mode::Key(self.key.clone())),
            (self.limit.is_some(), Mode::Limit(self.limit)),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, mode)| mode).collect()
    }
}
