//! The capabilities of `IRCv3` (<https://ircv3.net/specs/extensions/capability-negotiation>).
//!
//! This module must not know how a client negotiates capabilities.

/// A set of capabilities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Capabilities(u32);

/// One capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capability {
    /// Messages carry tags, such as `msgid`.
    MessageTags = 1 << 0,
    ServerTime = 1 << 1,
    ExtendedJoin = 1 << 2,
    EchoMessage = 1 << 3,
    LabeledResponse = 1 << 4,
    Batch = 1 << 5,
    MultiPrefix = 1 << 6,
    UserhostInNames = 1 << 7,
    CapNotify = 1 << 8,
    StandardReplies = 1 << 9,
    AwayNotify = 1 << 10,
    InviteNotify = 1 << 11,
    SetName = 1 << 12,
    ChatHistory = 1 << 13,
}

use Capability as C;

/// All capabilities, sorted by name.
pub(super) const ALL: [(&str, Capability); 14] = [
    ("away-notify", C::AwayNotify),
    ("batch", C::Batch),
    ("cap-notify", C::CapNotify),
    ("draft/chathistory", C::ChatHistory),
    ("echo-message", C::EchoMessage),
    ("extended-join", C::ExtendedJoin),
    ("invite-notify", C::InviteNotify),
    ("labeled-response", C::LabeledResponse),
    ("message-tags", C::MessageTags),
    ("multi-prefix", C::MultiPrefix),
    ("server-time", C::ServerTime),
    ("setname", C::SetName),
    ("standard-replies", C::StandardReplies),
    ("userhost-in-names", C::UserhostInNames),
];

/// The capabilities that change the encoding of events for a whole room.
const SHARED: u32 = C::MessageTags as u32
    | C::ServerTime as u32
    | C::ExtendedJoin as u32
    | C::AwayNotify as u32
    | C::InviteNotify as u32
    | C::SetName as u32;

impl Capabilities {
    pub(super) fn has(self, capability: Capability) -> bool {
        self.0 & capability as u32 != 0
    }

    pub(super) fn set(&mut self, capability: Capability, on: bool) {
        if on {
            self.0 |= capability as u32;
        } else {
            self.0 &= !(capability as u32);
        }
    }

    /// Returns only the capabilities that change the encoding of events for a whole room.
    pub(super) fn shared(self) -> Capabilities {
        Capabilities(self.0 & SHARED)
    }

    /// Returns a number that is unique to this set.
    pub(super) fn bits(self) -> u32 {
        self.0
    }

    /// Returns the names, separated by spaces.
    pub(super) fn names(self) -> String {
        let names: Vec<_> = ALL.iter().filter(|(_, capability)| self.has(*capability)).map(|(name, _)| *name).collect();
        names.join(" ")
    }
}

pub(super) fn find(name: &str) -> Option<Capability> {
    ALL.iter().find(|(other, _)| *other == name).map(|(_, capability)| *capability)
}
