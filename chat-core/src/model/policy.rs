//! The host application's rules for who may join and what members may say.
//!
//! This module must not know the state: a policy sees only the values that the hub asks about.

use core::net::IpAddr;

use crate::model::message::MessageKind;
use crate::model::name::{Name, Nick, RoomName};
use crate::model::text::Text;

/// Decides who may enter a room and what members may say. Set it as
/// [`HubOptions::policy`](crate::hub::HubOptions::policy).
///
/// 1. The hub asks the policy last, after its own checks (bans, modes, limits), and in the order in which it applies
///    all inputs.
/// 2. The thread that runs the hub calls the policy, so the policy must return fast and must not block: all members
///    wait. Prepare a slow lookup on another thread, and only read the result here.
/// 3. The policy must not use its own hub through a [`Room`](crate::Room) or a [`Member`](crate::hub::Member), and must
///    not drop a [`Member`](crate::hub::Member): the hub would wait for itself. Another thread may use the hub.
/// 4. If the policy panics, the hub closes only the member in question. The hub calls the policy again for other
///    members, so the policy's state must stay valid after a panic.
///
/// ```
/// use chat_core::{EventKind, Hub};
/// use chat_core::event::RoomEvent;
/// use chat_core::hub::HubOptions;
/// use chat_core::message::Text;
/// use chat_core::name::{Name, Nick};
/// use chat_core::policy::{Identity, Policy, ProposedMessage};
///
/// struct Family {
///     said: u64,
/// }
///
/// impl Policy for Family {
///     fn may_join(&mut self, identity: &Identity<'_>) -> Result<(), Text> {
///         let is_neighbour = identity.address.is_none_or(|address| address.is_loopback());
///         if is_neighbour { Ok(()) } else { Err("for the neighbours only".into()) }
///     }
///
///     fn may_be_called(&mut self, _: &Name, nick: &Nick) -> Result<(), Text> {
///         if nick.key() == "boss" { Err("there is no boss here".into()) } else { Ok(()) }
///     }
///
///     fn may_say(&mut self, _: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
///         self.said += 1;
///         if text.as_str().contains("http://") {
///             return Err("no links, please".into());
///         }
///         Ok(text.as_str().replace("damn", "d***").into())
///     }
/// }
///
/// let mut options = HubOptions::default();
/// options.policy = Some(Box::new(Family { said: 0 }));
/// let lobby = Hub::builder().options(options).home("lobby".parse()?).build()?.room("lobby".parse()?);
/// assert_eq!(lobby.join("Boss".parse()?).expect_err("refused").to_string(), "there is no boss here");
/// let (alice, bob) = (lobby.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// bob.say("damn")?;
/// let received = alice.iter().nth(1).expect("the hub runs");
/// assert!(matches!(received.kind(), EventKind::Room(RoomEvent::Said { text, .. }) if text.as_str() == "d***"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Policy: Send {
    /// Decides whether a member may enter a room. By default, every member may.
    ///
    /// If a connection may not enter the room where it starts, the hub refuses the connection.
    ///
    /// # Errors
    ///
    /// Returns the reason for a refusal, which the hub sends to the member.
    fn may_join(&mut self, identity: &Identity<'_>) -> Result<(), Text> {
        let _ = identity;
        Ok(())
    }

    /// Decides whether the member with this `name` may take this `nick`. By default, every member may.
    ///
    /// When a member joins with a nick, `name` is that nick too.
    ///
    /// # Errors
    ///
    /// Returns the reason for a refusal, which the hub sends to the member.
    fn may_be_called(&mut self, name: &Name, nick: &Nick) -> Result<(), Text> {
        let _ = (name, nick);
        Ok(())
    }

    /// Returns the text that the hub sends for a message. By default, this is `text` itself.
    ///
    /// The hub asks about room messages and private messages of every kind. It does not ask about topics, reasons, away
    /// messages or real names.
    ///
    /// # Errors
    ///
    /// Returns the reason for a refusal, which the hub sends to the sender.
    fn may_say(&mut self, message: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
        let _ = message;
        Ok(text)
    }
}

/// A member that asks to enter a room. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Identity<'a> {
    /// The name of the member.
    pub name: &'a Name,
    /// The address of the member; `None` for an in-process member.
    pub address: Option<IpAddr>,
    /// The room.
    pub room: &'a RoomName,
}

/// A message before the hub sends it: sender, target and kind. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProposedMessage<'a> {
    /// The name of the sender.
    pub from: &'a Name,
    /// The address of the sender; `None` for an in-process member.
    pub address: Option<IpAddr>,
    /// The target.
    pub to: MessageTarget<'a>,
    /// The kind of the message.
    pub kind: MessageKind,
}

/// The target of a message. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum MessageTarget<'a> {
    /// All members of a room.
    Room(&'a RoomName),
    /// One member, in private.
    Member(&'a Name),
}
