//! The client in a terminal: a prompt at the bottom, what comes in above it.
//!
//! Four threads: this one edits the line, one reads from the server, one writes to it, and one wakes the editor up when
//! something is to be shown. None waits for the user or for the server while it holds something another one needs.

use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chat_core::Text;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{
    Cmd, ColorMode, CompletionType, ConditionalEventHandler, Config, Editor, Event, EventContext, EventHandler,
    KeyEvent, Movement, RepeatCount,
};

use crate::CONNECTED;
use crate::chat::view::{Settings, SharedView};
use crate::failure::Failure;
use crate::net::link::{Link, Settled, is_farewell};
use crate::net::outgoing::Outgoing;
use crate::secret::Secret;
use crate::terminal::history;
#[cfg(unix)]
use crate::terminal::prompt;
use crate::terminal::raw_mode::Terminal;
use crate::terminal::reading::{Reading, Wishes};
use crate::terminal::screen::{Painter, Screen, print};

/// How many typed lines the arrow keys bring back.
const HISTORY: usize = 1000;
/// How long the first prompt waits for a server that says that it speaks JSON lines, and then for it to say who one is.
const GREETING: Duration = Duration::from_millis(300);
const SETTLING: Duration = Duration::from_secs(2);
/// How long the server may take to check a password.
const CHECKING: Duration = Duration::from_secs(10);
/// How long a command may take to be answered before the next line can be typed.
const ANSWER: Duration = Duration::from_millis(300);
/// When the user leaves: how long the server may take to accept what was typed before.
const SENDING: Duration = Duration::from_secs(3);
/// When the user has left: how long the server may take to close, which tells that it has read what was typed. What it
/// still says is printed.
const FAREWELL: Duration = Duration::from_millis(300);
/// How many milliseconds an Escape waits for the rest of an escape sequence. Nothing is shown meanwhile.
const ESCAPE: u16 = 500;

pub(crate) type LineEditor = Editor<Painter, FileHistory>;

/// Runs until the user leaves. When the server goes first, and does not come again, the process ends here, with exit code 1:
/// the editor can't be told to return.
///
/// # Errors
///
/// [`Failure::NotSent`], [`Failure::Disconnected`] when what was typed before leaving did not get out, or what failed
/// about the terminal.
pub(crate) fn run(stream: TcpStream, wishes: Wishes, settings: Settings) -> Result<(), Failure> {
    let terminal = Terminal::hold().map_err(Failure::Start)?;
    let restored = Restored(&terminal);
    print(&format!("{CONNECTED}\n")).map_err(Failure::output)?;

    let has_wishes = !wishes.lines().is_empty();
    let stream = Arc::new(stream);
    let screen = Arc::new(Screen::default());
    let view = SharedView::new(settings);
    let mut editor = editor(&screen, &view, &terminal)?;
    let outgoing = Outgoing::start(Arc::clone(&stream)).map_err(Failure::Start)?;
    let link = Arc::new(Link::new(outgoing, wishes.password.clone()));
    start_waking(&mut editor, &screen)?;
    let reading = Reading {
        wishes,
        link: Arc::clone(&link),
        view: view.clone(),
        screen: Arc::clone(&screen),
        terminal: terminal.clone(),
        retries: Arc::default(),
    };
    let name = thread::Builder::new().name("incoming".to_owned());
    name.spawn(move || reading.run(&stream)).map_err(Failure::Start)?;

    let mut settled = link.settle(GREETING, SETTLING);
    while let Settled::PasswordWanted(refusal) = settled {
        let Some(password) = ask_for_password(refusal.as_deref())? else { return Ok(()) };
        link.give_password(password);
        settled = link.settle(CHECKING, CHECKING);
    }
    if has_wishes && !link.speaks_json() {
        screen.show_own(&["! this server does not say that it speaks JSON lines: --nick and --room are left to you"]);
    }
    let chat = Chat { link: &link, view: &view, screen: &screen };
    let typed = chat.send_typed(&mut editor);
    screen.leave();
    drop(editor);
    drop(restored);
    typed?;
    if link.finish(SENDING)? {
        screen.print_rest(FAREWELL).map_err(Failure::output)?;
    }
    Ok(())
}

/// What the thread that edits has to do with.
struct Chat<'a> {
    link: &'a Link,
    view: &'a SharedView,
    screen: &'a Screen,
}

impl Chat<'_> {
    /// Sends what is typed, until the user leaves.
    fn send_typed(&self, editor: &mut LineEditor) -> Result<(), Failure> {
        loop {
            let prompt = self.view.lock().prompt();
            let Some(typed) = read_line(editor, &prompt)? else { return Ok(()) };
            if !is_secret(&typed) {
                editor.add_history_entry(typed.as_str())?;
                // Now: nobody knows how this will end.
                history::save(editor);
            }
            // Several lines may have been pasted as one.
            let lines: Vec<Text> = typed.lines().map(Text::clean).filter(|line| !line.is_blank()).collect();
            if lines.len() > 1 && !are_meant(lines.len(), editor)? {
                continue;
            }
            for line in lines {
                if is_farewell(&line) {
                    // First: the server may close before this thread goes on, and that is no lost connection.
                    self.screen.leave();
                    self.link.send(&line, None);
                    return Ok(());
                }
                self.send(&line);
            }
        }
    }

    fn send(&self, line: &str) {
        if let Some(password) = password_in(line)
            && self.link.give_password(password)
        {
            return;
        }
        if self.link.speaks_json()
            && let Some(said) = self.view.lock().set(line)
        {
            self.screen.show_own(&[said]);
            return;
        }
        let room = {
            let mut view = self.view.lock();
            view.remember_key(line);
            view.room().map(str::to_owned)
        };
        let sent = self.link.send(line, room.as_deref());
        if let Some(id) = sent.filter(|_| line.starts_with('/')) {
            // It may change who and where one is, which the next prompt shows.
            self.link.wait_for(id, ANSWER);
        }
    }
}

/// Whether so many lines are to be sent.
fn are_meant(count: usize, editor: &mut LineEditor) -> Result<bool, Failure> {
    let answer = read_line(editor, &format!("send {count} lines? [y/N] "))?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")))
}

/// Reads a line from the terminal; `None` when you leave by Ctrl-C or Ctrl-D.
fn read_line(editor: &mut LineEditor, prompt: &str) -> Result<Option<String>, Failure> {
    loop {
        match editor.readline(prompt) {
            Ok(line) => return Ok(Some(line)),
            Err(ReadlineError::Eof | ReadlineError::Interrupted) => return Ok(None),
            // Bytes that the keyboard filter would replace, in a terminal that has none; a window that changes its size.
            Err(ReadlineError::Io(error)) if error.kind() == io::ErrorKind::InvalidData => {}
            Err(ReadlineError::Signal(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Asks for the server's password, after what the server said of the last one; `None` when you leave.
#[cfg(unix)]
fn ask_for_password(refusal: Option<&str>) -> Result<Option<Secret>, Failure> {
    let refusal = refusal.map(|text| format!("! {text}\n")).unwrap_or_default();
    prompt::ask(&format!("{refusal}Password: ")).map_err(|error| Failure::Terminal(error.into()))
}

/// Here you type `/pass PASSWORD`.
#[cfg(not(unix))]
fn ask_for_password(_: Option<&str>) -> Result<Option<Secret>, Failure> {
    Ok(None)
}

/// The server's password, if that is what is typed.
fn password_in(line: &str) -> Option<Secret> {
    let (command, password) = line.split_once(char::is_whitespace)?;
    command.eq_ignore_ascii_case("/pass").then(|| Secret::new(password.trim()))
}

/// Whether somebody who looks over one's shoulder must not find it again: a password.
fn is_secret(typed: &str) -> bool {
    let is_secret = |line: &str| {
        let command = line.split_whitespace().next().unwrap_or_default();
        ["/oper", "/pass"].iter().any(|secret| command.eq_ignore_ascii_case(secret))
    };
    typed.lines().any(is_secret)
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

fn editor(screen: &Arc<Screen>, view: &SharedView, terminal: &Terminal) -> Result<LineEditor, Failure> {
    let config = Config::builder()
        .auto_add_history(false)
        .max_history_size(HISTORY)?
        // Whether colours are used, `View` knows; but a user's NO_COLOR would turn off the repaints that `Painter` lives
        // from.
        .color_mode(ColorMode::Forced)
        .completion_type(CompletionType::List)
        .keyseq_timeout(Some(ESCAPE))
        .build();
    let history = FileHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    editor.set_helper(Some(Painter { screen: Arc::clone(screen), view: view.clone() }));
    history::load(&mut editor);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_passwords_are_secret() {
        for typed in ["/oper x", "/PASS x", " /pass x", "hi\n/pass x"] {
            assert!(is_secret(typed), "{typed:?}");
        }
        for typed in ["/passage", "pass x", "", "/msg bob /pass x"] {
            assert!(!is_secret(typed), "{typed:?}");
        }
    }

    #[test]
    fn pass_command_holds_a_password() {
        assert_eq!(password_in("/Pass  open sesame "), Some(Secret::new("open sesame")));
        assert_eq!(password_in("/pass"), None);
        assert_eq!(password_in("/passage x"), None);
    }
}
