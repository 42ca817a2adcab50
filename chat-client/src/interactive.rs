//! The client in a terminal: a prompt at the bottom, what comes in above it.
//!
//! Four threads: this one edits the line, one reads from the server, one writes to it, and one wakes the editor up when
//! something is to be shown. None waits for the user or for the server while it holds something another one needs.

use std::io::{self, Write};
use std::net::TcpStream;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chat_core::Text;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use rustyline::{
    Cmd, ColorMode, ConditionalEventHandler, Config, Editor, Event, EventContext, EventHandler, KeyEvent, Movement,
    RepeatCount,
};

use crate::CONNECTED;
use crate::failure::Failure;
use crate::incoming::Incoming;
use crate::outgoing::Outgoing;
use crate::screen::{Ending, PROMPT, Painter, Screen, print};
use crate::terminal::Terminal;

/// How many typed lines the arrow keys bring back.
const HISTORY: usize = 1000;
/// When the user leaves: how long the server may take to accept what was typed before.
const SENDING: Duration = Duration::from_secs(3);
/// When the user has left: how long the server may take to close. What it still says is printed.
const FAREWELL: Duration = Duration::from_secs(1);

type LineEditor = Editor<Painter, MemHistory>;

/// Runs until the user leaves. When the server goes first, the process ends here, with exit code 1: the editor can't be
/// told to return.
///
/// # Errors
///
/// [`Failure::NotSent`], [`Failure::Disconnected`] when what was typed before leaving did not get out, or what failed
/// about the terminal.
pub(crate) fn run(stream: TcpStream) -> Result<(), Failure> {
    let terminal = Terminal::hold().map_err(Failure::Start)?;
    let restored = Restored(&terminal);
    print(&format!("{CONNECTED}\n")).map_err(Failure::output)?;

    let stream = Arc::new(stream);
    let screen = Arc::new(Screen::default());
    let mut editor = editor(&screen, &terminal)?;
    let outgoing = Outgoing::start(Arc::clone(&stream)).map_err(Failure::Start)?;
    start_waking(&mut editor, &screen)?;
    start_reading(stream, &screen, &terminal).map_err(Failure::Start)?;

    let typed = send_typed(&mut editor, &outgoing);
    screen.leave();
    drop(editor);
    drop(restored);
    typed?;
    outgoing.finish(SENDING)?;
    screen.print_rest(FAREWELL).map_err(Failure::output)
}

/// Sends what is typed, until the user leaves.
fn send_typed(editor: &mut LineEditor, outgoing: &Outgoing) -> Result<(), Failure> {
    loop {
        let typed = match editor.readline(PROMPT) {
            Ok(typed) => typed,
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        if !is_secret(&typed) {
            editor.add_history_entry(typed.as_str())?;
        }
        // Several lines may have been pasted as one.
        for line in typed.lines().map(Text::clean).filter(|line| !line.is_blank()) {
            outgoing.send(&line);
            if line.split_whitespace().next() == Some("/quit") {
                return Ok(());
            }
        }
    }
}

/// Whether somebody who looks over one's shoulder must not find it again: a password.
fn is_secret(typed: &str) -> bool {
    typed.split_whitespace().next().is_some_and(|command| command.eq_ignore_ascii_case("/oper"))
}

fn start_waking(editor: &mut LineEditor, screen: &Arc<Screen>) -> Result<(), Failure> {
    let printer = editor.create_external_printer()?;
    let screen = Arc::clone(screen);
    thread::Builder::new()
        .name("waking".to_owned())
        .spawn(move || screen.keep_waking(printer))
        .map_err(Failure::Start)?;
    Ok(())
}

fn start_reading(stream: Arc<TcpStream>, screen: &Arc<Screen>, terminal: &Terminal) -> io::Result<()> {
    let screen = Arc::clone(screen);
    let terminal = terminal.clone();
    thread::Builder::new().name("incoming".to_owned()).spawn(move || {
        let mut incoming = Incoming::new(stream);
        // Closed or broken is the same to somebody who chats: it is over.
        while let Ok(Some(lines)) = incoming.receive() {
            screen.show(&lines);
        }
        match screen.end() {
            Ending::UserLeft => return,
            Ending::Painted => terminal.restore(),
            Ending::Unanswered(rest) => {
                terminal.restore();
                let _ = print(&format!("\n{rest}"));
            }
        }
        let _ = writeln!(io::stderr(), "{}", Failure::Disconnected);
        process::exit(1);
    })?;
    Ok(())
}

fn editor(screen: &Arc<Screen>, terminal: &Terminal) -> Result<LineEditor, Failure> {
    let config = Config::builder()
        .auto_add_history(false)
        .max_history_size(HISTORY)?
        // No colours are used. But a user's NO_COLOR would turn off the repaints that `Painter` lives from.
        .color_mode(ColorMode::Forced)
        .build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    editor.set_helper(Some(Painter(Arc::clone(screen))));
    editor.bind_sequence(KeyEvent::ctrl('c'), EventHandler::Conditional(Box::new(ClearOrLeave)));
    if cfg!(unix) {
        let suspend = Box::new(Suspend(terminal.clone()));
        editor.bind_sequence(KeyEvent::ctrl('z'), EventHandler::Conditional(suspend));
    }
    // They put control characters into the line, which would not be sent.
    for key in ['q', 'v'] {
        editor.bind_sequence(KeyEvent::ctrl(key), Cmd::Noop);
    }
    Ok(editor)
}

/// Gives the terminal back when the session ends, even by a panic.
struct Restored<'a>(&'a Terminal);

impl Drop for Restored<'_> {
    fn drop(&mut self) {
        self.0.restore();
    }
}

/// Ctrl-C.
struct ClearOrLeave;

impl ConditionalEventHandler for ClearOrLeave {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext<'_>) -> Option<Cmd> {
        Some(if context.line().is_empty() { Cmd::Interrupt } else { Cmd::Kill(Movement::WholeBuffer) })
    }
}

/// Ctrl-Z. rustyline would give the shell a terminal in the mode that it found, which is ours.
struct Suspend(Terminal);

impl ConditionalEventHandler for Suspend {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, _: &EventContext<'_>) -> Option<Cmd> {
        self.0.suspend();
        Some(Cmd::Repaint)
    }
}
