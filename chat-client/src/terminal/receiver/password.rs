//! Sending the password to a server that requires one.
//!
//! This module must not know how the client asks you for the password: the editor thread does that, through
//! [`Session`](crate::net::session::Session).

use std::io;

use super::Receiver;
use super::reconnect::{Disconnect, Reconnect};
use crate::failure::Failure;
use crate::net::event::Event;
use crate::net::greeting::PASSWORD_REQUEST;
use crate::net::json_connection::is_password_reply;
use crate::secret::Secret;

/// The number of passwords that you may try.
const MAX_ATTEMPTS: u32 = 3;

impl Receiver {
    /// Sends the password, and asks you for the password first if it is not known. Returns the server's `hello`, or how
    /// the connection ended.
    ///
    /// # Errors
    ///
    /// When the connection broke, or a line is not a JSON object.
    pub(super) fn authenticate(
        &self,
        reconnect: &mut Reconnect,
        mut next: impl FnMut() -> io::Result<String>,
    ) -> io::Result<Result<Event, Disconnect>> {
        let mut typed = reconnect.typed_password.take();
        let (mut attempts, mut refusal) = (0, None);
        loop {
            let known = self.session.password();
            let is_asked = known.is_none() && typed.is_none();
            let password = known.clone().or(typed.take()).unwrap_or_else(|| self.ask_for_password(refusal.take()));
            self.session.send_password(&password);
            let event = loop {
                let event = next().and_then(|line| Event::parse(&line));
                match event {
                    // The server has a timeout, and may have closed the connection while you typed.
                    Err(_) if is_asked => return Ok(Err(keep_typed(reconnect, password))),
                    Ok(event) if event.kind() == "closed" && is_asked => {
                        return Ok(Err(keep_typed(reconnect, password)));
                    }
                    Ok(event) if event.kind() == "closed" => return Ok(Err(Disconnect::from_closed(&event))),
                    Ok(event) if event.kind() == "hello" => {
                        self.session.keep_password(Some(password));
                        return Ok(Ok(event));
                    }
                    Ok(event) if event.kind() == "refused" && is_password_reply(&event) => break event,
                    Ok(_) => {}
                    Err(error) => return Err(error),
                }
            };
            let text = event.text("text");
            // The server did not check the password, because this address must wait after wrong passwords.
            let is_throttled = event.str("error") == Some("too_many_passwords");
            match known {
                // The password was right before, so other clients at this address tried wrong passwords.
                Some(_) if is_throttled && reconnect.snapshot.is_some() => {
                    return Ok(Err(Disconnect::Lost(Some(text))));
                }
                Some(_) if reconnect.snapshot.is_some() => self.session.keep_password(None),
                Some(_) => return Ok(Err(Disconnect::Final(Failure::Refused(text)))),
                None => attempts += u32::from(!is_throttled),
            }
            if attempts == MAX_ATTEMPTS {
                return Ok(Err(Disconnect::Final(Failure::Closed(text))));
            }
            refusal = Some(text);
        }
    }

    fn ask_for_password(&self, refusal: Option<String>) -> Secret {
        let lines = refusal.iter().map(|text| format!("! {text}")).chain([PASSWORD_REQUEST.to_owned()]);
        let lines: Vec<String> = lines.collect();
        if self.session.request_password(refusal) {
            self.screen.show(&lines);
        }
        self.session.wait_for_password()
    }
}

/// Keeps a password that you typed too late, for the next connection.
fn keep_typed(reconnect: &mut Reconnect, password: Secret) -> Disconnect {
    reconnect.typed_password = Some(password);
    Disconnect::PasswordLate
}
