//! All members of all rooms, played by the thread that calls: one poll, one buffer, no allocation per message.
//!
//! It says what it is told to say, and has everything checked that it hears. It knows no server, and when to say
//! something is for the modes to decide.

use std::io;
use std::mem;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::event::Event;
use mio::{Events, Interest, Poll, Token};

use crate::alarm::Alarm;
use crate::check::Check;
use crate::dialect::{Dialect, Seat};
use crate::failure::Failure;
use crate::hearing::{Hearing, Tally};
use crate::member::{Member, Phase};
use crate::payload;
use crate::recall::Recall;
use crate::shape::Shape;
use crate::stop::Stop;
use crate::window::Window;

const EVENTS: usize = 1024;
/// How often a signal is looked for while nothing comes.
const GLANCE: Duration = Duration::from_millis(100);
/// A server that says nothing for so long although something is awaited has failed.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long after the last awaited message one is listened for that comes twice.
const AFTERMATH: Duration = Duration::from_millis(20);
/// So many connections are begun before what came meanwhile is read.
const CONNECTS: usize = 64;
const ALARM: Token = Token(usize::MAX - 1);

/// How the crowd behaves.
#[derive(Clone, Debug)]
pub(crate) struct MessageKind {
    pub(crate) shape: Shape,
    /// How many messages of a room may be on their way; `None` when they are said by the clock.
    pub(crate) window: Option<usize>,
    /// How many of them are said before it is looked again what came.
    pub(crate) batch: usize,
    /// The places of those who will stop reading.
    pub(crate) narrow: Vec<usize>,
}

/// The members, and what they know.
#[derive(Debug)]
pub(crate) struct Crowd {
    poll: Poll,
    events: Events,
    alarm: Alarm,
    address: SocketAddr,
    dialect: Dialect,
    manner: MessageKind,
    members: Vec<Member>,
    rooms: Vec<Room>,
    hearing: Hearing,
    stop: Stop,
}

#[derive(Debug)]
struct Room {
    check: Check,
    recall: Recall,
    window: Option<Window>,
    /// The talker whose turn it is to say what can't be shared out evenly.
    turn: usize,
}

impl Crowd {
    /// Nobody is connected yet.
    pub(crate) fn new(address: SocketAddr, dialect: Dialect, manner: MessageKind, stop: &Stop) -> io::Result<Crowd> {
        let poll = Poll::new()?;
        let alarm = Alarm::register(poll.registry(), ALARM)?;
        let Shape { rooms, talkers } = manner.shape;
        let room = |_| Room {
            check: Check::new(rooms.members, talkers, dialect.echoes()),
            recall: Recall::default(),
            window: manner.window.map(|size| Window::new(size, rooms.members)),
            turn: 0,
        };
        Ok(Crowd {
            poll,
            events: Events::with_capacity(EVENTS),
            alarm,
            address,
            dialect,
            members: Vec::with_capacity(rooms.connections()),
            rooms: (0..rooms.count).map(room).collect(),
            manner,
            hearing: Hearing::new(dialect),
            stop: stop.clone(),
        })
    }

    /// What happened so far.
    pub(crate) fn tally(&self) -> Tally {
        self.hearing.tally
    }

    /// Now, in the time that messages carry.
    pub(crate) fn now(&self) -> u64 {
        self.hearing.now()
    }

    /// Everybody comes in, at most `burst` at a time; returns when everybody has heard all that it must hear of that.
    pub(crate) fn join(&mut self, burst: usize) -> Result<(), Failure> {
        let rooms = self.manner.shape.rooms;
        let total = rooms.connections();
        // Of each two, the earlier one is told of the later one.
        let entrances =
            if self.dialect.announces() { rooms.count * rooms.members * (rooms.members - 1) / 2 } else { 0 };
        self.until("members come in", |crowd| {
            let mut begun = 0;
            while crowd.members.len() < total
                && crowd.members.len() < crowd.hearing.tally.joined.saturating_add(burst)
                && begun < CONNECTS
            {
                crowd.connect()?;
                begun += 1;
            }
            Ok(match (crowd.hearing.tally.joined, crowd.hearing.tally.entered) {
                (joined, entered) if joined == total && entered >= entrances => None,
                _ if begun == CONNECTS => Some(Duration::ZERO),
                _ => Some(GLANCE),
            })
        })?;
        if self.dialect.announces() { self.check_entrances() } else { Ok(()) }
    }

    /// The talker says `count` messages that were due at `due`.
    pub(crate) fn say(&mut self, room: usize, talker: usize, count: usize, due: u64) -> Result<(), Failure> {
        let Room { check, window, .. } = &mut self.rooms[room];
        let place = check.member_of(talker);
        let index = room * self.manner.shape.rooms.members + place;
        let member = &mut self.members[index];
        for _ in 0..count {
            let message = payload::write(room, talker, check.say(talker), due);
            self.dialect.say(member.seat, &message, &mut member.out);
        }
        self.hearing.tally.owed += count * check.audience();
        if let Some(window) = window {
            window.say(count);
            if !self.dialect.echoes() {
                window.acknowledge(member.has, member.has + count);
                member.has += count;
            }
        }
        member.flush().map_err(|error| Failure::Connection { member: index, error })
    }

    /// Each room's talkers say what the window allows, evenly.
    pub(crate) fn fill(&mut self) -> Result<(), Failure> {
        for index in 0..self.rooms.len() {
            let Room { check, window: Some(window), turn, .. } = &mut self.rooms[index] else { continue };
            let (talkers, first) = (check.talkers(), *turn);
            let free = window.free().min(self.manner.batch);
            *turn = (first + free) % talkers;
            for place in 0..talkers.min(free) {
                let share = free / talkers + usize::from(place < free % talkers);
                self.say(index, (first + place) % talkers, share, 0)?;
            }
        }
        Ok(())
    }

    /// Reads what has come, or waits until something comes, but not longer than `longest`.
    pub(crate) fn turn(&mut self, longest: Duration) -> Result<(), Failure> {
        self.stop.check()?;
        match self.poll.poll(&mut self.events, Some(longest)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return self.stop.check(),
            result => result?,
        }
        // Taken out while the events are looked at, since looking at them needs all else.
        let events = mem::replace(&mut self.events, Events::with_capacity(0));
        let result = events.iter().try_for_each(|event| self.meet(event));
        self.events = events;
        match result {
            // Ctrl-C reaches the servers too, and they may be gone first.
            Err(_) if self.stop.is_set() => Err(Failure::Stopped),
            result => result,
        }
    }

    /// Reads on until `due`, to the microsecond.
    pub(crate) fn turn_until(&mut self, due: u64) -> Result<(), Failure> {
        let left = Duration::from_nanos(due.saturating_sub(self.now()));
        if left.is_zero() {
            return self.turn(left);
        }
        self.alarm.set(left)?;
        self.turn(left + GLANCE)
    }

    /// Reads on for so long, whatever comes.
    pub(crate) fn rest(&mut self, time: Duration) -> Result<(), Failure> {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            self.turn(left.min(GLANCE))?;
        }
        Ok(())
    }

    /// Reads on until everybody has heard everything.
    pub(crate) fn drain(&mut self) -> Result<(), Failure> {
        let heard_all =
            |crowd: &mut Crowd| Ok((crowd.hearing.tally.heard < crowd.hearing.tally.owed).then_some(GLANCE));
        match self.until("messages are on their way", heard_all) {
            // Rather who lacks what.
            Err(Failure::Silence { awaited, after }) => {
                self.complete()?;
                Err(Failure::Silence { awaited, after })
            }
            result => result,
        }
    }

    /// Reads what still comes, and checks that everybody heard everything, in one order, and nothing twice. Whether the
    /// order was one is for the caller to judge where the server does not promise it.
    pub(crate) fn finish(&mut self) -> Result<bool, Failure> {
        self.drain()?;
        self.rest(AFTERMATH)?;
        self.complete()?;
        match self.rooms.iter().try_for_each(|room| room.check.one_order()) {
            Err(fault) if self.dialect.promises_one_order() => Err(fault.into()),
            result => Ok(result.is_ok()),
        }
    }

    /// Latencies count from now on; room for so many is made in advance.
    pub(crate) fn record(&mut self, expected: usize) {
        self.hearing.latencies = Some(Vec::with_capacity(expected));
    }

    /// The latencies since [`Crowd::record`], in microseconds.
    pub(crate) fn take_latencies(&mut self) -> Vec<u32> {
        self.hearing.latencies.take().unwrap_or_default()
    }

    /// Those who were to stop reading do so.
    pub(crate) fn stall(&mut self) {
        for member in self.members.iter_mut().filter(|member| self.manner.narrow.contains(&member.place)) {
            member.phase = Phase::Stalled;
            self.rooms[member.seat.room].check.deafen(member.place);
        }
    }

    /// Reads on until `wait` no longer says how long to wait for something.
    fn until(
        &mut self,
        awaited: &str,
        mut wait: impl FnMut(&mut Crowd) -> Result<Option<Duration>, Failure>,
    ) -> Result<(), Failure> {
        let mut last = (self.hearing.tally, Instant::now());
        while let Some(longest) = wait(self)? {
            self.turn(longest)?;
            if self.hearing.tally != last.0 {
                last = (self.hearing.tally, Instant::now());
            } else if last.1.elapsed() > PATIENCE {
                return Err(Failure::Silence { awaited: awaited.to_owned(), after: PATIENCE });
            }
        }
        Ok(())
    }

    fn complete(&self) -> Result<(), Failure> {
        Ok(self.rooms.iter().try_for_each(|room| room.check.complete())?)
    }

    /// In each room, one was told of nobody, one of one other, and so on: each pair met once.
    fn check_entrances(&self) -> Result<(), Failure> {
        for room in self.members.chunks(self.manner.shape.rooms.members) {
            let mut told = room.iter().map(|member| member.entered).collect::<Vec<_>>();
            told.sort_unstable();
            if let Some((expected, &told)) = told.iter().enumerate().find(|(expected, told)| expected != *told) {
                return Err(Failure::Entrances { members: room.len(), told, instead: expected });
            }
        }
        Ok(())
    }

    fn connect(&mut self) -> Result<(), Failure> {
        let number = self.members.len();
        let size = self.manner.shape.rooms.members;
        let (seat, place) =
            (Seat { number, room: number / size, several: self.manner.shape.rooms.count > 1 }, number % size);
        let mut member = Member::connect(self.address, seat, place, self.manner.narrow.contains(&place))?;
        self.poll.registry().register(member.source(), Token(number), Interest::READABLE | Interest::WRITABLE)?;
        self.members.push(member);
        Ok(())
    }

    fn meet(&mut self, event: &Event) -> Result<(), Failure> {
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
            member.phase = Phase::Greeting;
            self.dialect.greet(member.seat, &mut member.out);
            if !self.dialect.confirms() {
                member.phase = Phase::In;
                self.hearing.tally.joined += 1;
            }
        }
        if event.is_readable() || event.is_read_closed() || event.is_error() {
            let Room { check, recall, window, .. } = &mut self.rooms[member.seat.room];
            self.hearing.read(member, check, recall, window.as_mut())?;
        }
        if member.out.is_empty() { Ok(()) } else { member.flush().map_err(failed) }
    }
}
