//! How members come into the hub and into its rooms.

use super::moderation::Modes;
use super::policy::Denied;
use super::{Effect, JoinRequest, MemberId, Outcome, RoomId, Step};
use crate::model::command::CommandError;
use crate::model::event::{CloseReason, EventKind};
use crate::model::mask::Face;
use crate::model::moderation::Rank;
use crate::model::name::{Name, RoomName};
use crate::model::options::DefaultNames;
use crate::model::text::Text;

/// By which door somebody enters a room.
#[derive(Clone, Copy)]
enum Door<'a> {
    /// It begins there. Modes are not for those who can't know of them yet: nobody could come in to change them back.
    Beginning,
    /// It comes from within the hub, and perhaps knows the key.
    Other(Option<&'a Text>),
}

impl Step<'_> {
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

    fn register(&mut self, member: MemberId, request: JoinRequest) -> Result<(), Denied> {
        let name = self.free_name(member, request.name.clone())?;
        let face = Face::new(&name, request.address, Some(&request.profile));
        if let Some(ban) = self.state.bans.against(&face, self.now.instant) {
            return Err(ban.refusal(None, self.now.instant).into());
        }
        self.state.members.add(member, name.clone(), &request);
        self.profile = Some(request.profile);
        let may_be_called = match &name {
            Name::Nick(nick) => self.ask_whether_it_may_be_called(member, nick),
            _ => Ok(()),
        };
        let room = request.room.as_ref();
        let entrance =
            may_be_called.and_then(|()| room.map(|room| self.entrance(member, room, Door::Beginning)).transpose());
        let entrance = match entrance {
            Ok(room) => Ok(room),
            Err(Denied::Refused(banned @ CommandError::Banned { .. })) if request.may_be_nowhere => Err(banned),
            Err(denied) => {
                self.state.members.remove(member);
                return Err(denied);
            }
        };
        let begins = entrance.as_ref().ok().copied().flatten().map(|room| self.state.rooms[room].name.clone());
        self.effects.push(Effect::Admit { member, name, room: begins });
        match entrance {
            Ok(Some(room)) => {
                self.enter(member, room);
                self.tell_past(member, room);
            }
            Ok(None) => {}
            Err(error) => self.tell(member, EventKind::Refused { error }),
        }
        Ok(())
    }

    /// What a request is called who wants this name.
    fn free_name(&mut self, member: MemberId, name: Name) -> Result<Name, CommandError> {
        let members = &mut self.state.members;
        match name {
            Name::Address(_) if self.state.names == DefaultNames::Guest => Ok(members.free_guest()),
            Name::Address(address) => Ok(members.free_address(&address)),
            Name::Nick(nick) => members.check_free(&nick, member).map(|()| Name::Nick(nick)),
            given => Ok(given),
        }
    }

    pub(super) fn join_room(&mut self, member: MemberId, name: &RoomName, key: Option<&Text>) -> Outcome {
        let found = self.state.rooms.find(name);
        let rooms = &mut self.state.members.get_mut(member).rooms;
        if let Some(room) = found
            && let Some(at) = rooms.iter().position(|other| *other == room)
        {
            rooms.remove(at);
            rooms.push(room);
            self.effects.push(Effect::Turn { member, room });
            self.tell_entered(member, room);
            return Ok(());
        }
        let room = match self.entrance(member, name, Door::Other(key)) {
            Ok(room) => room,
            Err(denied) => return self.deny(member, denied),
        };
        self.enter(member, room);
        self.tell_entered(member, room);
        if self.state.members[member].keeps_lists {
            self.tell_members(member, room);
        }
        self.tell_past(member, room);
        Ok(())
    }

    /// Finds the room, or makes it, if a member who is not in it may enter it.
    fn entrance(&mut self, member: MemberId, name: &RoomName, door: Door<'_>) -> Result<RoomId, Denied> {
        let limit = self.state.limits.rooms_per_member;
        if self.state.members[member].rooms.len() >= limit {
            return Err(CommandError::TooManyRooms { limit }.into());
        }
        let found = self.state.rooms.find(name);
        let limit = self.state.limits.rooms;
        if let Some(room) = found {
            self.check_door(member, room, door)?;
        } else if self.state.rooms.len() >= limit {
            return Err(CommandError::NoMoreRooms { limit }.into());
        }
        self.ask_who_may_join(member, name)?;
        let invites = &mut self.state.members.get_mut(member).invites;
        invites.retain(|invite| Some(*invite) != found);
        Ok(found.unwrap_or_else(|| self.state.rooms.make(name.clone(), false, self.now.date)))
    }

    /// Whether a room that is there lets somebody in.
    fn check_door(&self, member: MemberId, room: RoomId, door: Door<'_>) -> Outcome {
        let (place, member_state) = (&self.state.rooms[room], &self.state.members[member]);
        let now = self.now.instant;
        let ban = place.ban_against(&member_state.face(), now).filter(|_| !member_state.operates);
        if let Some(ban) = ban {
            return Err(ban.refusal(Some(place.name.clone()), now));
        }
        let limit = self.state.limits.members_per_room;
        if place.len() >= limit && room != self.state.home {
            return Err(CommandError::RoomFull { room: place.name.clone(), limit });
        }
        // An invitation opens the door, but is no pardon: in most rooms anybody may give one. Whoever keeps the server
        // goes everywhere.
        match door {
            Door::Other(key) if !member_state.operates && !member_state.invites.contains(&room) => {
                self.check_modes(room, key, &member_state.face())
            }
            _ => Ok(()),
        }
    }

    /// Brings the member into a room in which it is not.
    fn enter(&mut self, member: MemberId, room: RoomId) {
        let joined = EventKind::Joined {
            room: self.state.rooms[room].name.clone(),
            name: self.state.members[member].name.clone(),
        };
        self.broadcast(room, None, joined);
        self.tell_of_absence(member, room);
        let entered = &mut self.state.rooms[room];
        // Who makes a room decides about it.
        let is_maker = entered.len() == 0 && !entered.is_kept();
        entered.add(member, if is_maker { Rank::Operator } else { Rank::Ordinary });
        let member_state = &self.state.members[member];
        if !member_state.operates {
            entered.mutes.hold(member, &member_state.face(), self.now.instant);
        }
        self.state.members.get_mut(member).rooms.push(room);
        self.effects.push(Effect::Enter { member, room });
    }

    /// Tells those in a room, which it enters, that somebody is away.
    fn tell_of_absence(&mut self, member: MemberId, room: RoomId) {
        let (member_state, place) = (&self.state.members[member], &self.state.rooms[room]);
        let is_heard = member_state.operates
            || !place.modes.moderated && place.mutes.against(&member_state.face(), self.now.instant).is_none();
        if member_state.away.is_none() || !is_heard {
            return;
        }
        let ignoring = member_state.ignored_by.iter().copied().collect();
        let event = self.event(EventKind::AwaySet { name: member_state.name.clone(), why: member_state.away.clone() });
        self.effects.push(Effect::Broadcast { room, except: None, ignoring, event });
    }

    fn tell_entered(&mut self, member: MemberId, room: RoomId) {
        let entered = &self.state.rooms[room];
        let (room, topic, members) = (entered.name.clone(), entered.topic.clone(), entered.len());
        let entered = EventKind::Entered { room, topic, members };
        self.tell(member, entered);
    }

    /// Whether somebody who is not invited may enter a room.
    fn check_modes(&self, room: RoomId, key: Option<&Text>, face: &Face<'_>) -> Outcome {
        let room = &self.state.rooms[room];
        let Modes { invite_only, key: wanted, limit, .. } = &room.modes;
        let name = || room.name.clone();
        if *invite_only && room.invited.against(face, self.now.instant).is_none() {
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
