//! Builds the server from the arguments and runs it until a signal stops it.

use std::collections::HashSet;
use std::io;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::Arc;

use chat_core::hub::{DefaultNames, HubError, HubOptions};
use chat_core::name::RoomName;
use chat_core::protocol::{Irc, IrcOptions};
use chat_core::server::ConnectionEvent;
use chat_core::{Hub, Line, Server};

use crate::args::{Args, DefaultNamesArg, ListenAddress};
use crate::console::{Console, Printer};
use crate::files::{self, FileError};
use crate::signals::Signals;

/// The first line that a client of plain lines receives. A program recognizes the server by this line (PROTOCOL.md,
/// "JSON lines").
const GREETING: &str =
    concat!("chat-server ", env!("CARGO_PKG_VERSION"), ": /help lists the commands, /json 1 switches to JSON lines");

/// The number of file descriptors that are not connections: standard streams, listeners, signals, and a reserve.
const RESERVED_DESCRIPTORS: u64 = 32;

/// Why the server can't run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("can't listen on {address}: {error}")]
    Listen { address: ListenAddress, error: io::Error },
    #[error(transparent)]
    Hub(#[from] HubError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("can't write the manual page into {}: {error}", .folder.display())]
    ManPages { folder: PathBuf, error: io::Error },
    #[error("can't start: {0}")]
    Start(#[from] io::Error),
}

/// Runs the server until a signal stops it.
pub(crate) fn run(args: &Args) -> Result<(), Error> {
    let log = Console::start("log", io::stderr())?;
    start_logger(args, log.printer());
    raise_descriptor_limit(args.limits.max_connections);
    let signals = Signals::register()?;

    let (options, password) = (hub_options(args)?, files::read_password(args.password.as_ref())?);
    // Open all listeners before serving any of them: if one listener fails, the server does not start.
    let (line_listeners, irc_listeners) = (listen_on(&args.listen)?, listen_on(&args.irc)?);
    let home = RoomName::parse("lobby").expect("it is the name of a room");
    let hub = Hub::builder().options(options).home(home).build()?;

    let stdout = Console::start("stdout", io::stdout())?;
    let printer = stdout.printer();
    let signal_printer = printer.clone();
    for (listeners, kind) in [(&line_listeners, "Chat"), (&irc_listeners, "IRC")] {
        let mut ports = HashSet::new();
        // A host name may resolve to several addresses, which share the port.
        for port in listeners.iter().map(|(_, address)| address.port()).filter(|port| ports.insert(*port)) {
            printer.line(&format!("{kind} server started on port {port}"));
        }
    }
    let mut server =
        if args.quiet { Server::new(hub) } else { Server::watched(hub, move |event| print_event(&printer, event)) };
    let greeting: Arc<str> = GREETING.into();
    server.set_password(password);
    for (listener, _) in line_listeners {
        let max_line = server.hub().limits().text;
        let greeting = Arc::clone(&greeting);
        server = server.serve(listener, move |_| Line::new(max_line).greeting(Arc::clone(&greeting)))?;
    }
    // All listeners share one factory, so that their clients share encoded bytes.
    let make_irc_session = Irc::server(irc_options(args), server.hub().limits());
    for (listener, _) in irc_listeners {
        let make_session = make_irc_session.clone();
        server = server.serve(listener, move |_| make_session())?;
    }
    signals.wait(&server, args, |line| signal_printer.line(line));
    stdout.finish();
    log.finish();
    Ok(())
}

fn hub_options(args: &Args) -> Result<HubOptions, Error> {
    let mut options = HubOptions::from(args.limits.limits());
    options.rooms.clone_from(&args.room);
    options.default_names = match args.names {
        DefaultNamesArg::Address => DefaultNames::Address,
        DefaultNamesArg::Guest => DefaultNames::Guest,
    };
    options.operator_password = files::read_password(args.operator_password.as_ref())?;
    options.motd = files::read_motd(args.motd.as_deref())?;
    Ok(options)
}

fn irc_options(args: &Args) -> IrcOptions {
    let mut options = IrcOptions::default();
    options.server.clone_from(&args.server_name);
    options.network.clone_from(&args.network);
    options
}

fn start_logger(args: &Args, printer: Printer) {
    env_logger::Builder::new()
        .filter_level(args.log_level())
        .target(env_logger::Target::Pipe(Box::new(printer)))
        .init();
}

/// Raises the soft limit of file descriptors, which is 1,024 on many systems, as far as the system allows.
fn raise_descriptor_limit(connections: usize) {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(RESERVED_DESCRIPTORS);
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < needed => {
            log::warn!("the system allows only {limit} file descriptors; {connections} connections need {needed}");
        }
        Ok(_) => {}
        Err(error) => log::warn!("can't raise the limit of file descriptors: {error}"),
    }
}

fn listen_on(addresses: &[ListenAddress]) -> Result<Vec<(TcpListener, SocketAddr)>, Error> {
    let listeners = addresses.iter().map(listen).collect::<Result<Vec<_>, _>>()?;
    Ok(listeners.into_iter().flatten().collect())
}

fn listen(address: &ListenAddress) -> Result<Vec<(TcpListener, SocketAddr)>, Error> {
    let listeners = match address {
        ListenAddress::AllAddresses(port) => chat_core::server::listen_on_all(*port).map(|listener| vec![listener]),
        ListenAddress::HostPort(host) => {
            host.to_socket_addrs().and_then(|addresses| addresses.map(chat_core::server::listen).collect())
        }
    };
    let with_address = |listener: TcpListener| listener.local_addr().map(|address| (listener, address));
    listeners
        .and_then(|listeners| listeners.into_iter().map(with_address).collect())
        .map_err(|error| Error::Listen { address: address.clone(), error })
}

fn print_event(printer: &Printer, event: ConnectionEvent) {
    match event {
        ConnectionEvent::Opened(peer) => printer.line(&format!("Client ({}, {}) connected", peer.ip(), peer.port())),
        ConnectionEvent::Closed(peer) => printer.line(&format!("Client ({}, {}) is offline", peer.ip(), peer.port())),
        _ => {}
    }
}
