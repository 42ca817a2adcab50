//! Giving the password to a server that requires one.

use std::io;

use super::{End, Reading, Way};
use crate::failure::Failure;
use crate::net::greeting::PASSWORD_REQUEST;
use crate::net::wire::{self, Event};
use crate::secret::Secret;

/// How many passwords you may type.
const TRIES: u32 = 3;

impl Reading {
    /// Gives the password, and asks you for it if it is not known; returns the `hello` of the server, or how the
    /// connection ended.
    ///
    /// # Errors
    ///
    /// When the connection broke, or what comes is no object.
    pub(super) fn enter(
        &self,
        way: &mut Way,
        mut next: impl FnMut() -> io::Result<String>,
    ) -> io::Result<Result<Event, End>> {
        let mut typed = way.typed.take();
        let (mut tries, mut refusal) = (0, None);
        loop {
            let known = self.link.password();
            let is_asked = known.is_none() && typed.is_none();
            let password = known.clone().or(typed.take()).unwrap_or_else(|| self.ask(refusal.take()));
            self.link.send_password(&password);
            let event = loop {
                let event = next().and_then(|line| Event::parse(&line));
                match event {
                    // The server does not wait for ever, and did not say so while you typed.
                    Err(_) if is_asked => return Ok(Err(late(way, password))),
                    Ok(event) if event.kind() == "closed" && is_asked => return Ok(Err(late(way, password))),
                    Ok(event) if event.kind() == "closed" => return Ok(Err(End::closed(&event))),
                    Ok(event) if event.kind() == "hello" => {
                        self.link.keep_password(Some(password));
                        return Ok(Ok(event));
                    }
                    Ok(event) if event.kind() == "refused" && wire::is_about_entry(&event) => break event,
                    Ok(_) => {}
                    Err(error) => return Err(error),
                }
            };
            let text = event.text("text");
            let is_early = event.str("error") == Some("too_many_passwords");
            match known {
                // It was right before: others at this address tried wrong ones.
                Some(_) if is_early && way.before.is_some() => return Ok(Err(End::Lost(Some(text)))),
                Some(_) if way.before.is_some() => self.link.keep_password(None),
                Some(_) => return Ok(Err(End::ForGood(Failure::Refused(text)))),
                None => tries += u32::from(!is_early),
            }
            if tries == TRIES {
                return Ok(Err(End::ForGood(Failure::Closed(text))));
            }
            refusal = Some(text);
        }
    }

    fn ask(&self, refusal: Option<String>) -> Secret {
        let told = refusal.iter().map(|text| format!("! {text}")).chain([PASSWORD_REQUEST.to_owned()]);
        let told: Vec<String> = told.collect();
        if self.link.want_password(refusal) {
            self.screen.show(&told);
        }
        self.link.wait_for_password()
    }
}

fn late(way: &mut Way, password: Secret) -> End {
    way.typed = Some(password);
    End::Late
}
