//! The values that the rest of the crate is made of: text, names, masks, messages, commands, moderation, events, limits
//! and errors. A parser checks each value once, at its entry; no later code checks it again.
//!
//! This module must not know the state machine, a session, the hub or a socket.

pub(crate) mod command;
pub(crate) mod event;
pub(crate) mod history;
pub(crate) mod human_duration;
pub(crate) mod limits;
pub(crate) mod mask;
pub(crate) mod message;
pub(crate) mod moderation;
pub(crate) mod name;
pub(crate) mod number_map;
pub(crate) mod options;
pub(crate) mod password;
pub(crate) mod phrase;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod stats;
pub(crate) mod text;
pub(crate) mod time;
