//! From the arguments to a running server, and to its end.

use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

use chat_core::{ConnectionEvent, DefaultNames, Hub, HubError, HubOptions, Irc, IrcOptions, Line, RoomName, Server};

use crate::args::{Args, Names, Place};
use crate::console::{Console, Printer};
use crate::files::{self, FileError};
use crate::signals::Signals;

/// What those are told who come with plain lines. By it a program knows to what it is connected (PROTOCOL.md, "JSON lines").
const GREETING: &str =
    concat!("chat-server ", env!("CARGO_PKG_VERSION"), ": /help tells the commands, /json 1 speaks JSON lines");

/// Descriptors that are not connections: standard streams, listeners, signals, and some to spare.
const OTHER_DESCRIPTORS: u64 = 32;

/// Why the server can't run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("can't listen on {place}: {error}")]
    Listen { place: Place, error: io::Error },
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("can't write manual pages into {}: {error}", .folder.display())]
    ManPages { folder: PathBuf, error: io::Error },
    #[error("can't start: {0}")]
    Start(#[from] io::Error),
}

/// Serves until a signal says otherwise.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let log = Console::start("log", io::stderr())?;
    start_logger(args, log.printer());
    raise_descriptor_limit(args.limits.max_connections);
    let signals = Signals::prepare()?;

    let (options, password) = (options(args)?, files::read_password(args.password.as_ref())?);
    // All or none: whoever asked for two ports does not want half a server.
    let (lines, irc_lines) = (listen_on(&args.listen)?, listen_on(&args.irc)?);
    let home = RoomName::parse("lobby").expect("it is the name of a room");
    let hub = Hub::builder().options(options).home(home).build()?;

    let out = Console::start("stdout", io::stdout())?;
    let printer = out.printer();
    let answers = printer.clone();
    for (listeners, what) in [(&lines, "Chat"), (&irc_lines, "IRC")] {
        let mut ports = HashSet::new();
        // A host may have several addresses with one port.
        for port in listeners.iter().map(|(_, address)| address.port()).filter(|port| ports.insert(*port)) {
            printer.line(&format!("{what} server started on port {port}"));
        }
    }
    let mut server =
        if args.quiet { Server::new(hub) } else { Server::watched(hub, move |event| print(&printer, event)) };
    let greeting: Arc<str> = GREETING.into();
    server.set_password(password);
    for (listener, _) in lines {
        let line = server.hub().limits().text;
        let greeting = Arc::clone(&greeting);
        server = server.serve(listener, move |_| Line::new(line).greeting(Arc::clone(&greeting)))?;
    }
    // One for all listeners, so that their clients share what is encoded.
    let make_irc_session = Irc::server(irc_options(args), server.hub().limits());
    for (listener, _) in irc_lines {
        let make_session = make_irc_session.clone();
        server = server.serve(listener, move |_| make_session())?;
    }
    signals.wait(&server, args, |line| answers.line(line));
    out.finish();
    log.finish();
    Ok(())
}

fn options(args: &Args) -> Result<HubOptions, Error> {
    let mut options = HubOptions::from(args.limits.limits());
    options.rooms.clone_from(&args.room);
    options.default_names = match args.names {
        Names::Address => DefaultNames::Address,
        Names::Guest => DefaultNames::Guest,
    };
    options.operator_password = files::read_password(args.operator_password.as_ref())?;
    options.motd = files::read_motd(args.motd.as_deref())?;
    Ok(options)
}

fn irc_options(args: &Args) -> IrcOptions {
    let mut options = IrcOptions::default();
    options.server.clone_from(&args.about.server_name);
    options.network.clone_from(&args.about.network);
    options
}

fn start_logger(args: &Args, printer: Printer) {
    env_logger::Builder::new()
        .filter_level(args.log_level())
        .target(env_logger::Target::Pipe(Box::new(printer)))
        .init();
}

/// Thousands of connections need thousands of descriptors; many systems start with a soft limit of 1,024.
fn raise_descriptor_limit(connections: usize) {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_DESCRIPTORS);
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < needed => {
            log::warn!("only {limit} descriptors are allowed; {connections} connections need {needed}");
        }
        Ok(_) => {}
        Err(error) => log::warn!("the limit of descriptors can't be raised: {error}"),
    }
}

fn listen_on(places: &[Place]) -> Result<Vec<(TcpListener, SocketAddr)>, Error> {
    let listeners = places.iter().map(listen).collect::<Result<Vec<_>, _>>()?;
    Ok(listeners.into_iter().flatten().collect())
}

fn listen(place: &Place) -> Result<Vec<(TcpListener, SocketAddr)>, Error> {
    let listeners = match place {
        Place::All(port) => chat_core::listen_on_all(*port).map(|listener| vec![listener]),
        Place::Host(host) => host.to_socket_addrs().and_then(|addresses| addresses.map(chat_core::listen).collect()),
    };
    let with_address = |listener: TcpListener| listener.local_addr().map(|address| (listener, address));
    listeners
        .and_then(|listeners| listeners.into_iter().map(with_address).collect())
        .map_err(|error| Error::Listen { place: place.clone(), error })
}

fn print(printer: &Printer, event: ConnectionEvent) {
    match event {
        ConnectionEvent::Opened(peer) => printer.line(&format!("Client ({}, {}) connected", peer.ip(), peer.port())),
        ConnectionEvent::Closed(peer) => printer.line(&format!("Client ({}, {}) is offline", peer.ip(), peer.port())),
        _ => {}
    }
}
