//! Joining the hub, and joining its rooms.
//!
//! This module must not know what a member does after it has joined.

use super::modes::Modes;
use super::policy::Denied;
use super::{Effect, JoinRequest, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, HubEvent, OwnEvent, Reply, RoomEvent};
use crate::model::mask::MaskSubject;
use crate::model::moderation::Rank;
use crate::model::name::{Name, RoomName};
use crate::model::options::DefaultNames;
use crate::model::text::Text;

/// How a member asks for admission to a room.
#[derive(Clone, Copy)]
enum Admission<'a> {
    /// The member joins the hub and this room at once. The room's modes do not apply: otherwise nobody could join the
    /// hub to reset them.
    Initial,
    /// The member is in the hub already, and may give a key.
    Requested(Option<&'a Text>),
}

impl Step<'_> {
    /// Adds a new member to the hub, or refuses it. Has no effect if the member is in the hub already.
    pub(super) fn join(&mut self, member: MemberId, request: JoinRequest) {
        if self.state.members.contains(member) {
            return;
        }
        let reason = match self.register(member, request) {
            Ok(()) => return,
            Err(Denied::Refused(error)) => CloseReason::Refused(error),
            Err(Denied::Panicked) => CloseReason::Panicked,
        };
        self.effects.push(Effect::Refuse { member, reason });
    }

    /// Checks a join request, and adds the member to the hub and to its first room.
    ///
    /// # Errors
    ///
    /// Returns the reason why the member may not join. The member is not in the hub then.
    fn register(&mut self, member: MemberId, request: JoinRequest) -> Result<(), Denied> {
        let name = self.assign_name(member, request.name.clone())?;
        let subject = MaskSubject::new(&name, request.address, Some(&request.profile));
        if let Some(ban) = self.state.bans.matching(&subject, self.now.instant) {
            return Err(ban.refusal(None, self.now.instant).into());
        }
        self.state.members.add(member, name.clone(), &request);
        self.profile = Some(request.profile);
        let nick_check = match &name {
            Name::Nick(nick) => self.check_policy_nick(member, nick),
            _ => Ok(()),
        };
        let room = request.room.as_ref();
        let admission =
            nick_check.and_then(|()| room.map(|room| self.admit_to_room(member, room, Admission::Initial)).transpose());
        let admission = match admission {
            Ok(room) => Ok(room),
            Err(Denied::Refused(banned @ CommandError::Banned { .. })) if request.may_be_nowhere => Err(banned),
            Err(denied) => {
                self.state.members.remove(member);
                return Err(denied);
            }
        };
        let first_room = admission.as_ref().ok().copied().flatten().map(|room| self.state.rooms[room].name.clone());
        self.effects.push(Effect::Admit { member, name, room: first_room });
        match admission {
            Ok(Some(room)) => {
                self.enter_room(member, room);
                self.send_history(member, room);
            }
            Ok(None) => {}
            Err(error) => self.notify(member, Reply::Refused { error }),
        }
        Ok(())
    }

    /// Returns a free name for a new member: the nick it asks for, or a default name in place of its address.
    fn assign_name(&mut self, member: MemberId, name: Name) -> Result<Name, CommandError> {
        let members = &mut self.state.members;
        match name {
            Name::Address(_) if self.state.default_names == DefaultNames::Guest => Ok(members.next_guest_name()),
            Name::Address(address) => Ok(members.unused_address_name(&address)),
            Name::Nick(nick) => members.check_available(&nick, member).map(|()| Name::Nick(nick)),
            given => Ok(given),
        }
    }

    /// Adds a member to a room. If the member is in the room, only makes it the current room.
    pub(super) fn join_room(&mut self, member: MemberId, name: &RoomName, key: Option<&Text>) -> Outcome {
        let found = self.state.rooms.find(name);
        let rooms = &mut self.state.members.get_mut(member).rooms;
        if let Some(room) = found
            && let Some(at) = rooms.iter().position(|other| *other == room)
        {
            rooms.remove(at);
            rooms.push(room);
            self.effects.push(Effect::Turn { member, room });
            self.confirm_join(member, room);
            return Ok(());
        }
        let room = match self.admit_to_room(member, name, Admission::Requested(key)) {
            Ok(room) => room,
            Err(denied) => return self.refuse_or_close(member, denied),
        };
        self.enter_room(member, room);
        self.confirm_join(member, room);
        if self.state.members[member].keeps_lists {
            self.send_members(member, room);
        }
        self.send_history(member, room);
        Ok(())
    }

    /// Checks that a member may join a room that it is not in, and returns the room. Creates the room if it does not
    /// exist.
    fn admit_to_room(&mut self, member: MemberId, name: &RoomName, admission: Admission<'_>) -> Result<RoomId, Denied> {
        let limit = self.state.limits.rooms_per_member;
        if self.state.members[member].rooms.len() >= limit {
            return Err(CommandError::TooManyRooms { limit }.into());
        }
        let found = self.state.rooms.find(name);
        let limit = self.state.limits.rooms;
        if let Some(room) = found {
            self.check_admission(member, room, admission)?;
        } else if self.state.rooms.len() >= limit {
            return Err(CommandError::NoMoreRooms { limit }.into());
        }
        self.check_policy_join(member, name)?;
        let invites = &mut self.state.members.get_mut(member).invites;
        invites.retain(|invite| Some(*invite) != found);
        Ok(found.unwrap_or_else(|| self.state.rooms.create(name.clone(), false, self.now.date)))
    }

    /// Checks bans, the limit of members and the modes of an existing room.
    fn check_admission(&self, member: MemberId, room: RoomId, admission: Admission<'_>) -> Outcome {
        let (room_state, member_state) = (&self.state.rooms[room], &self.state.members[member]);
        let now = self.now.instant;
        let ban = room_state.matching_ban(&member_state.subject(), now).filter(|_| !member_state.is_server_operator);
        if let Some(ban) = ban {
            return Err(ban.refusal(Some(room_state.name.clone()), now));
        }
        let limit = self.state.limits.members_per_room;
        if room_state.len() >= limit && Some(room) != self.state.home {
            return Err(CommandError::RoomFull { room: room_state.name.clone(), limit });
        }
        // An invitation overrides modes, but not bans: in most rooms, any member may invite. Server operators need
        // neither an invitation nor a key.
        match admission {
            Admission::Requested(key) if !member_state.is_server_operator && !member_state.invites.contains(&room) => {
                self.check_join_modes(room, key, &member_state.subject())
            }
            _ => Ok(()),
        }
    }

    /// Adds a member to a room that it is not in, and announces it there.
    fn enter_room(&mut self, member: MemberId, room: RoomId) {
        let joined = RoomEvent::Joined {
            room: self.state.rooms[room].name.clone(),
            name: self.state.members[member].name.clone(),
        };
        self.broadcast(room, None, joined);
        self.announce_away(member, room);
        let entered = &mut self.state.rooms[room];
        // The first member of a room that is not permanent becomes its operator.
        let is_founder = entered.len() == 0 && !entered.is_permanent();
        entered.add(member, if is_founder { Rank::Operator } else { Rank::Ordinary });
        let member_state = &self.state.members[member];
        if !member_state.is_server_operator {
            entered.mutes.apply_to(member, &member_state.subject(), self.now.instant);
        }
        self.state.members.get_mut(member).rooms.push(room);
        self.effects.push(Effect::Enter { member, room });
    }

    /// Announces to a room that the member who joins it is away, if that member may speak there.
    fn announce_away(&mut self, member: MemberId, room: RoomId) {
        let (member_state, room_state) = (&self.state.members[member], &self.state.rooms[room]);
        let is_heard = member_state.is_server_operator
            || !room_state.modes.moderated
                && room_state.mutes.matching(&member_state.subject(), self.now.instant).is_none();
        if member_state.away.is_none() || !is_heard {
            return;
        }
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let event = self.event(HubEvent::AwaySet { name: member_state.name.clone(), why: member_state.away.clone() });
        self.effects.push(Effect::Broadcast { room, except: None, ignoring, event });
    }

    /// Sends the room's topic and number of members to a member who has joined it.
    fn confirm_join(&mut self, member: MemberId, room: RoomId) {
        let entered = &self.state.rooms[room];
        let (room, topic, members) = (entered.name.clone(), entered.topic.clone(), entered.len());
        let entered = OwnEvent::Entered { room, topic, members };
        self.notify(member, entered);
    }

    /// Checks a room's modes for a member who has no invitation.
    fn check_join_modes(&self, room: RoomId, key: Option<&Text>, subject: &MaskSubject<'_>) -> Outcome {
        let room = &self.state.rooms[room];
        let Modes { invite_only, key: wanted, limit, .. } = &room.modes;
        let name = || room.name.clone();
        if *invite_only && room.invite_exceptions.matching(subject, self.now.instant).is_none() {
            return Err(CommandError::InviteOnly { room: name() });
        }
        if wanted.is_some() && wanted.as_ref() != key {
            return Err(CommandError::WrongKey { room: name() });
        }
        match *limit {
            Some(limit) if room.len() >= limit => Err(CommandError::RoomFull { room: name(), limit }),
            _ => Ok(()),
        }
    }
}
