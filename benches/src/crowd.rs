//! The crowd: all members of all rooms, run by the calling thread with one poll, one buffer, and no allocation per
//! message.
//!
//! The crowd sends the messages that the mode requests, and checks every message that it receives. This module must not
//! know the server's configuration, and must not decide when to send a message: the modes decide that.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Interest, Poll, Token};

use crate::alarm::Alarm;
use crate::check::Check;
use crate::failure::Failure;
use crate::member::{Member, Phase};
use crate::payload;
use crate::protocol::{MemberId, Protocol};
use crate::read_cache::ReadCache;
use crate::receiver::{Counts, Receiver};
use crate::shape::Shape;
use crate::stop::Stop;
use crate::window::Window;

const MAX_EVENTS: usize = 1024;
/// How long a poll without events may take before the crowd checks for a signal.
const POLL_TIMEOUT: Duration = Duration::from_millis(100);
/// The run fails if nothing arrives for this long while the crowd is waiting for something.
const PROGRESS_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the crowd listens for duplicates after the last expected message.
const DUPLICATE_WAIT: Duration = Duration::from_millis(20);
/// How many connections the crowd starts before it reads again.
const CONNECT_BATCH: usize = 64;
const ALARM: Token = Token(usize::MAX - 1);

/// The load that a crowd generates.
#[derive(Clone, Debug)]
pub(crate) struct CrowdOptions {
    pub(crate) shape: Shape,
    /// How many messages of a room may be in flight; `None` if the mode sends messages at fixed times.
    pub(crate) window: Option<usize>,
    /// How many messages the crowd sends before it polls again.
    pub(crate) batch: usize,
    /// The indices, within their room, of the members that will stop reading.
    pub(crate) stalling: Vec<usize>,
}

/// All members, and the state that they share.
#[derive(Debug)]
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    alarm: Alarm,
    address: SocketAddr,
    protocol: Protocol,
    options: CrowdOptions,
    members: Vec<Member>,
    rooms: Vec<Room>,
    receiver: Receiver,
    stop: Stop,
}

#[derive(Debug)]
struct Room {
    check: Check,
    cache: ReadCache,
    window: Option<Window>,
    /// The talker that sends the next message when the messages can't be divided evenly.
    next_talker: usize,
}

impl Crowd {
    /// Creates a crowd whose members are not connected yet.
    pub(crate) fn new(
        address: SocketAddr,
        protocol: Protocol,
        options: CrowdOptions,
        stop: &Stop,
    ) -> io::Result<Crowd> {
        let poll = Poll::new()?;
        let alarm = Alarm::register(poll.registry(), ALARM)?;
        let Shape { rooms, talkers } = options.shape;
        let room = |_| Room {
            check: Check::new(rooms.members, talkers, protocol.echoes()),
            cache: ReadCache::default(),
            window: options.window.map(|size| Window::new(size, rooms.members)),
            next_talker: 0,
        };
        Ok(Crowd {
            poll,
            events: Events::with_capacity(MAX_EVENTS),
            alarm,
            address,
            protocol,
            members: Vec::with_capacity(rooms.connections()),
            rooms: (0..rooms.count).map(room).collect(),
            options,
            receiver: Receiver::new(protocol),
            stop: stop.clone(),
        })
    }

    /// Returns the counts so far.
    pub(crate) fn counts(&self) -> Counts {
        self.receiver.counts
    }

    /// Returns the current time on the clock of the message timestamps, in nanoseconds.
    pub(crate) fn now(&self) -> u64 {
        self.receiver.now()
    }

    /// Lets all members join, at most `burst` at a time. Returns when every member has received all join notices.
    pub(crate) fn join(&mut self, burst: usize) -> Result<(), Failure> {
        let rooms = self.options.shape.rooms;
        let total = rooms.connections();
        // Of any two members, the earlier one receives a notice about the later one.
        let join_notices =
            if self.protocol.announces_members() { rooms.count * rooms.members * (rooms.members - 1) / 2 } else { 0 };
        self.wait_while("members join", |crowd| {
            let mut connecting = 0;
            while crowd.members.len() < total
                && crowd.members.len() < crowd.receiver.counts.joined.saturating_add(burst)
                && connecting < CONNECT_BATCH
            {
                crowd.connect()?;
                connecting += 1;
            }
            Ok(match (crowd.receiver.counts.joined, crowd.receiver.counts.join_notices) {
                (joined, notices) if joined == total && notices >= join_notices => None,
                _ if connecting == CONNECT_BATCH => Some(Duration::ZERO),
                _ => Some(POLL_TIMEOUT),
            })
        })?;
        if self.protocol.announces_members() { self.check_join_notices() } else { Ok(()) }
    }

    /// Sends `count` messages of the talker, all with the timestamp `due`.
    pub(crate) fn send(&mut self, room: usize, talker: usize, count: usize, due: u64) -> Result<(), Failure> {
        let Room { check, window, .. } = &mut self.rooms[room];
        let index = room * self.options.shape.rooms.members + check.member_of(talker);
        let member = &mut self.members[index];
        for _ in 0..count {
            let message = payload::write(room, talker, check.send(talker), due);
            self.protocol.write_message(member.id, &message, &mut member.out);
        }
        self.receiver.counts.expected += count * check.recipient_count();
        if let Some(window) = window {
            window.send(count);
            if !self.protocol.echoes() {
                window.acknowledge(member.messages, member.messages + count);
                member.messages += count;
            }
        }
        member.flush().map_err(|error| Failure::Connection { member: index, error })
    }

    /// Lets each room's talkers send as many messages as the window allows, in equal shares.
    pub(crate) fn fill_windows(&mut self) -> Result<(), Failure> {
        for index in 0..self.rooms.len() {
            let Room { check, window: Some(window), next_talker, .. } = &mut self.rooms[index] else { continue };
            let (talkers, first) = (check.talkers(), *next_talker);
            let free = window.free().min(self.options.batch);
            *next_talker = (first + free) % talkers;
            for offset in 0..talkers.min(free) {
                let share = free / talkers + usize::from(offset < free % talkers);
                self.send(index, (first + offset) % talkers, share, 0)?;
            }
        }
        Ok(())
    }

    /// Reads the bytes that have arrived, or waits for bytes for at most `longest`.
    pub(crate) fn poll_once(&mut self, longest: Duration) -> Result<(), Failure> {
        self.stop.check()?;
        match self.poll.poll(&mut self.events, Some(longest)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return self.stop.check(),
            result => result?,
        }
        // Handling an event borrows the whole crowd, so move the events out of it first.
        let events = mem::replace(&mut self.events, Events::with_capacity(0));
        let result = events.iter().try_for_each(|event| self.handle(event));
        self.events = events;
        match result {
            // Ctrl-C reaches the servers too, and they may end first.
            Err(_) if self.stop.is_set() => Err(Failure::Stopped),
            result => result,
        }
    }

    /// Polls until `due`, to the microsecond.
    pub(crate) fn poll_until(&mut self, due: u64) -> Result<(), Failure> {
        let left = Duration::from_nanos(due.saturating_sub(self.now()));
        if left.is_zero() {
            return self.poll_once(left);
        }
        self.alarm.set(left)?;
        self.poll_once(left + POLL_TIMEOUT)
    }

    /// Polls for exactly this time, however many messages arrive.
    pub(crate) fn poll_for(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.poll_once(left.min(POLL_TIMEOUT))?;
        }
        Ok(())
    }

    /// Polls until every member has received every message.
    pub(crate) fn drain(&mut self) -> Result<(), Failure> {
        let undelivered = |crowd: &mut Crowd| {
            Ok((crowd.receiver.counts.received < crowd.receiver.counts.expected).then_some(POLL_TIMEOUT))
        };
        match self.wait_while("messages are in flight", undelivered) {
            // Prefer a fault that names the member and the missing message.
            Err(Failure::Timeout { awaited, after }) => {
                self.complete()?;
                Err(Failure::Timeout { awaited, after })
            }
            result => result,
        }
    }

    /// Reads to the end, and checks that every member received every message once, in sender order and in one order.
    ///
    /// Returns whether the order was the same for all members. A difference is an error only on a server that
    /// guarantees one order.
    pub(crate) fn finish(&mut self) -> Result<bool, Failure> {
        self.drain()?;
        self.poll_for(DUPLICATE_WAIT)?;
        self.complete()?;
        match self.rooms.iter().try_for_each(|room| room.check.one_order()) {
            Err(fault) if self.protocol.guarantees_one_order() => Err(fault.into()),
            result => Ok(result.is_ok()),
        }
    }

    /// Starts to record latencies, and reserves space for `expected` of them.
    pub(crate) fn record(&mut self, expected: usize) {
        self.receiver.latencies = Some(Vec::with_capacity(expected));
    }

    /// Returns the latencies since [`Crowd::record`], in microseconds.
    pub(crate) fn take_latencies(&mut self) -> Vec<u32> {
        self.receiver.latencies.take().unwrap_or_default()
    }

    /// Makes the selected members stop reading.
    pub(crate) fn stall(&mut self) {
        for member in self.members.iter_mut().filter(|member| self.options.stalling.contains(&member.index)) {
            member.phase = Phase::Stalled;
            self.rooms[member.id.room].check.exclude(member.index);
        }
    }

    /// Polls while `wait` returns a time, for at most that time.
    fn wait_while(
        &mut self,
        awaited: &str,
        mut wait: impl FnMut(&mut Crowd) -> Result<Option<Duration>, Failure>,
    ) -> Result<(), Failure> {
        let mut last = (self.receiver.counts, Instant::now());
        while let Some(longest) = wait(self)? {
            self.poll_once(longest)?;
            if self.receiver.counts != last.0 {
                last = (self.receiver.counts, Instant::now());
            } else if last.1.elapsed() > PROGRESS_TIMEOUT {
                return Err(Failure::Timeout { awaited: awaited.to_owned(), after: PROGRESS_TIMEOUT });
            }
        }
        Ok(())
    }

    fn complete(&self) -> Result<(), Failure> {
        Ok(self.rooms.iter().try_for_each(|room| room.check.complete())?)
    }

    /// Checks that the members of each room received 0, 1, 2, … join notices: each pair met exactly once.
    fn check_join_notices(&self) -> Result<(), Failure> {
        for room in self.members.chunks(self.options.shape.rooms.members) {
            let mut notices = room.iter().map(|member| member.join_notices).collect::<Vec<_>>();
            notices.sort_unstable();
            if let Some((expected, &notices)) =
                notices.iter().enumerate().find(|(expected, notices)| expected != *notices)
            {
                return Err(Failure::JoinNotices { members: room.len(), notices, expected });
            }
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<(), Failure> {
        let number = self.members.len();
        let size = self.options.shape.rooms.members;
        let (id, index) =
            (MemberId { number, room: number / size, many_rooms: self.options.shape.rooms.count > 1 }, number % size);
        let mut member = Member::connect(self.address, id, index, self.options.stalling.contains(&index))?;
        self.poll.registry().register(member.stream_mut(), Token(number), Interest::READABLE | Interest::WRITABLE)?;
        self.members.push(member);
        Ok(())
    }

    fn handle(&mut self, event: &Event) -> Result<(), Failure> {
        if event.token() == ALARM {
            return Ok(());
        }
        let index = event.token().0;
        let failed = |error| Failure::Connection { member: index, error };
        let member = &mut self.members[index];
        if member.phase == Phase::Stalled {
            return Ok(());
        }
        if member.phase == Phase::Connecting {
            if !member.is_connected().map_err(failed)? {
                return Ok(());
            }
            member.phase = Phase::Joining;
            self.protocol.write_handshake(member.id, &mut member.out);
            if !self.protocol.confirms_join() {
                member.phase = Phase::Joined;
                self.receiver.counts.joined += 1;
            }
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            let Room { check, cache, window, .. } = &mut self.rooms[member.id.room];
            self.receiver.read(member, check, cache, window.as_mut())?;
        }
        if member.out.is_empty() { Ok(()) } else { member.flush().map_err(failed) }
    }
}
