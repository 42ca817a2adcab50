//! The network: connections to the server, and the lines and JSON objects that they carry.
//!
//! This layer must not know which parts of an event the client stores or shows.

pub(crate) mod connect;
pub(crate) mod event;
pub(crate) mod greeting;
pub(crate) mod json_connection;
pub(crate) mod line_decoder;
pub(crate) mod line_receiver;
pub(crate) mod line_sender;
pub(crate) mod options;
pub(crate) mod sanitize;
pub(crate) mod session;
