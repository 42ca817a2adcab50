//! What the program that a hub is in has to say about who may come in and what may be said.

use core::net::IpAddr;

use crate::model::message::MessageKind;
use crate::model::name::{Name, Nick, RoomName};
use crate::model::text::Text;

/// Decides who may enter a room, and what may be said. Given to a hub by [`HubOptions::policy`](crate::HubOptions::policy).
///
/// It is asked after everything else that could be in the way (bans, modes, limits), in the hub's one order, by whichever
/// thread runs the hub at the moment. So it must not block, nor take long: everybody waits for it. What needs a lookup
/// elsewhere is prepared elsewhere, and only read here. Nor may it use its own hub, by a [`Room`](crate::Room) or by a
/// [`Member`](crate::Member), which it must not even drop: the hub would wait for itself. Another thread may.
///
/// If it panics, the member about which it was asked is closed, and that alone. It is asked again about others, so it
/// must be fit for that after a panic.
///
/// ```
/// use chat_core::{EventKind, HubOptions, Name, Nick, Policy, Hub, ProposedMessage, Text, Identity};
///
/// struct Family {
///     said: u64,
/// }
///
/// impl Policy for Family {
///     fn may_join(&mut self, visitor: &Identity<'_>) -> Result<(), Text> {
///         let is_neighbour = visitor.address.is_none_or(|address| address.is_loopback());
///         if is_neighbour { Ok(()) } else { Err("for the neighbours only".into()) }
///     }
///
///     fn may_be_called(&mut self, _: &Name, nick: &Nick) -> Result<(), Text> {
///         if nick.key() == "boss" { Err("there is no boss here".into()) } else { Ok(()) }
///     }
///
///     fn may_say(&mut self, _: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
///         self.said += 1;
///         if text.contains("http://") { Err("no links, please".into()) } else { Ok(text.replace("damn", "d***").into()) }
///     }
/// }
///
/// let mut options = HubOptions::default();
/// options.policy = Some(Box::new(Family { said: 0 }));
/// let lobby = Hub::builder().options(options).home("lobby".parse()?).build()?.room("lobby".parse()?);
/// assert_eq!(lobby.join("Boss".parse()?).expect_err("refused").to_string(), "there is no boss here");
/// let (alice, bob) = (lobby.join("alice".parse()?)?, lobby.join("bob".parse()?)?);
/// bob.say("damn")?;
/// let heard = alice.iter().nth(1).expect("the hub runs");
/// assert!(matches!(heard.kind(), EventKind::Said { text, .. } if text.as_str() == "d***"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Policy: Send {
    /// Whether somebody may enter a room: the one in which it begins, without which it can't come in at all, or another.
    /// By default anybody may.
    ///
    /// # Errors
    ///
    /// Why not, which it is told.
    fn may_join(&mut self, visitor: &Identity<'_>) -> Result<(), Text> {
        let _ = visitor;
        Ok(())
    }

    /// Whether somebody who is called `name` may be called `nick`; both are the same of one who comes in with a nick of its
    /// choice. By default it may.
    ///
    /// # Errors
    ///
    /// Why not, which it is told.
    fn may_be_called(&mut self, name: &Name, nick: &Nick) -> Result<(), Text> {
        let _ = (name, nick);
        Ok(())
    }

    /// What is said when somebody wants to say `text`: the text as it is, or another. By default as it is. Asked about
    /// what is said to a room or in private, in whatever manner; not about topics, reasons, what one is away for, or what one is really called.
    ///
    /// # Errors
    ///
    /// Why nothing is said, which the speaker is told.
    fn may_say(&mut self, saying: &ProposedMessage<'_>, text: Text) -> Result<Text, Text> {
        let _ = saying;
        Ok(text)
    }
}

/// Somebody who wants to enter a room. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Identity<'a> {
    /// What it is called.
    pub name: &'a Name,
    /// Where it comes from, unless it is in this process.
    pub address: Option<IpAddr>,
    /// Which room.
    pub room: &'a RoomName,
}

/// Who wants to say something, and to whom. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ProposedMessage<'a> {
    /// What the speaker is called.
    pub from: &'a Name,
    /// Where it comes from, unless it is in this process.
    pub address: Option<IpAddr>,
    /// To whom it is said.
    pub to: MessageTarget<'a>,
    /// How it is meant.
    pub manner: MessageKind,
}

/// To whom something is said. See [`Policy`] for an example.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum MessageTarget<'a> {
    /// To all in a room.
    Room(&'a RoomName),
    /// To one member alone.
    Member(&'a Name),
}
