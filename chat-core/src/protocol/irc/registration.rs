//! Connection registration (Modern IRC Client Protocol, "Connection Registration").
//!
//! This module must not know whether the hub admits the client.

use super::line::ReplyWriter;
use super::numeric;
use super::options::Config;
use crate::model::limits::Limits;
use crate::model::name::{NICK_MAX, Nick, ROOM_NAME_MAX};
use crate::model::password::Password;
use crate::model::text::Text;
use crate::model::time::Utc;
use crate::session::Registration;

/// The parts of a registration that a client has sent so far.
#[derive(Debug, Default)]
pub(super) struct ClientRegistration {
    pub(super) nick: Option<Nick>,
    /// The user name and the real name.
    pub(super) user: Option<(Text, Text)>,
    pub(super) password: Option<Password>,
    /// Whether the client still negotiates capabilities, so that the registration waits for `CAP END`.
    pub(super) negotiating: bool,
}

impl ClientRegistration {
    /// Returns whether the client has sent all that a registration needs.
    pub(super) fn is_complete(&self) -> bool {
        self.nick.is_some() && self.user.is_some() && !self.negotiating
    }

    /// Returns the registration if it is complete. This function takes the nick, because the hub tries each nick only
    /// once.
    pub(super) fn register(&mut self) -> Option<Registration> {
        if !self.is_complete() {
            return None;
        }
        let (user, real_name) = self.user.clone()?;
        let nick = self.nick.take();
        let password = self.password.clone();
        Some(Registration {
            nick,
            user,
            real_name,
            password,
            begins_in_room: false,
            wants_history: true,
            keeps_lists: true,
        })
    }
}

/// Appends the numerics 001 to 005, which the server sends after the registration.
pub(super) fn welcome(config: &Config, reply: ReplyWriter<'_>, out: &mut Vec<u8>) {
    let server = config.server();
    let network = &config.options.network;
    reply.numeric(out, numeric::RPL_WELCOME, &[], format_args!("Welcome to the {network} Network, {}", reply.nick));
    let version = concat!("chat-core-", env!("CARGO_PKG_VERSION"));
    reply.numeric(out, numeric::RPL_YOURHOST, &[], format_args!("Your host is {server}, running version {version}"));
    reply.numeric(out, numeric::RPL_CREATED, &[], format_args!("This server was created {}", Utc(config.started)));
    reply.params(out, numeric::RPL_MYINFO, &format!("{server} {version} iow beIiklmnostv beIklov"));
    let limits = &config.limits;
    let tokens = [
        "CASEMAPPING=ascii".to_owned(),
        format!("AWAYLEN={}", limits.topic),
        "CHANMODES=beI,k,l,imnst".to_owned(),
        format!("CHANLIMIT=#:{}", limits.rooms_per_member),
        format!("CHANNELLEN={}", ROOM_NAME_MAX + 1),
        "CHANTYPES=#".to_owned(),
        format!("CHATHISTORY={}", history_max(limits)),
        "CLIENTTAGDENY=*".to_owned(),
        "ELIST=MNU".to_owned(),
        "EXCEPTS=e".to_owned(),
        format!("HOSTLEN={HOST_MAX}"),
        "INVEX=I".to_owned(),
        format!("KICKLEN={}", limits.topic.min(super::line::LINE_MAX / 2)),
        format!("MAXLIST=b:{0},e:{0},I:{0}", limits.bans),
        format!("MODES={MODES_MAX}"),
        "MSGREFTYPES=msgid,timestamp".to_owned(),
        format!("NAMELEN={}", limits.topic),
        format!("NETWORK={network}"),
        format!("NICKLEN={NICK_MAX}"),
        "PREFIX=(ov)@+".to_owned(),
        format!(
            "TARGMAX=JOIN:{CHANNELS_MAX},KICK:{TARGETS_MAX},NAMES:1,NOTICE:{TARGETS_MAX},PART:{CHANNELS_MAX},PRIVMSG:{TARGETS_MAX},WHOIS:1"
        ),
        "STATUSMSG=@+".to_owned(),
        format!("TOPICLEN={}", limits.topic.min(super::line::LINE_MAX / 2)),
        "UTF8ONLY".to_owned(),
        "WHOX".to_owned(),
    ];
    for tokens in tokens.chunks(12) {
        let tokens = tokens.join(" ");
        reply.numeric(
            out,
            numeric::RPL_ISUPPORT,
            &tokens.split(' ').collect::<Vec<_>>(),
            "are supported by this server",
        );
    }
}

/// Returns the maximum number of messages in one answer to `CHATHISTORY`.
pub(super) fn history_max(limits: &Limits) -> usize {
    limits.history.max(1)
}

/// The maximum number of targets in one line.
pub(super) const TARGETS_MAX: usize = 4;
/// The maximum number of mode changes in one line.
pub(super) const MODES_MAX: usize = 8;
/// The maximum number of channels that one line may join or leave.
pub(super) const CHANNELS_MAX: usize = 20;
/// The maximum length of a host in bytes: the longest text form of an IPv6 address. No cloak is longer.
const HOST_MAX: usize = 45;
