//! The interactive mode: a prompt at the bottom of the terminal, and received lines above it.
//!
//! Five threads take part. None of them holds a lock while it waits for you or for the server:
//!
//! 1. The editor thread, which calls [`run`], edits and sends lines.
//! 2. The receiver thread reads from the server and shows events.
//! 3. The writer thread writes to the server.
//! 4. The wake-up thread makes the editor repaint when there are lines to show.
//! 5. The keyboard thread, which exists only on Unix, replaces typed bytes that are not UTF-8.
//!
//! This module must not know the command line.

use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chat_core::message::Text;

use super::editor::LineEditor;
#[cfg(unix)]
use super::prompt;
use super::raw_mode::RawMode;
use super::receiver::Receiver;
use super::screen::Screen;
use crate::chat::settings::Settings;
use crate::chat::view::SharedView;
use crate::failure::Failure;
use crate::net::line_sender::LineSender;
use crate::net::options::ConnectOptions;
use crate::net::session::{Readiness, Session, is_quit};
use crate::output::{CONNECTED, print};
use crate::secret::Secret;

/// How long the first prompt waits for the greeting of a server that supports JSON lines.
const GREETING_TIMEOUT: Duration = Duration::from_millis(300);
/// How long the first prompt waits after that greeting until your nickname and rooms are set up.
const SETUP_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the server may take to check a password.
const PASSWORD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the next prompt waits for the server to confirm a command.
const COMMAND_TIMEOUT: Duration = Duration::from_millis(300);
/// How long the server may take to accept the lines that you typed, when you leave.
const SEND_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the client then waits until the server has closed the connection, which shows that the server has read all
/// lines. Until then, the client prints received lines.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(300);

/// Runs until you leave.
///
/// If the server closes first and the client does not reconnect, the receiver thread exits the process with an exit
/// code other than 0.
///
/// # Errors
///
/// [`Failure::NotSent`], [`Failure::NotConnected`] and [`Failure::Disconnected`] if lines that you typed were not sent;
/// [`Failure::Terminal`], [`Failure::Output`] and [`Failure::Start`].
pub(crate) fn run(stream: TcpStream, options: ConnectOptions, settings: Settings) -> Result<(), Failure> {
    let raw_mode = RawMode::enable().map_err(Failure::Start)?;
    let restore = RestoreOnDrop(&raw_mode);
    print(&format!("{CONNECTED}\n")).map_err(Failure::output)?;

    let has_setup = !options.setup_lines().is_empty();
    let stream = Arc::new(stream);
    let screen = Arc::new(Screen::default());
    let view = SharedView::new(settings);
    let mut editor = LineEditor::start(&screen, &view, &raw_mode)?;
    let sender = LineSender::start(Arc::clone(&stream)).map_err(Failure::Start)?;
    let session = Arc::new(Session::new(sender, options.password.clone()));
    let receiver = Receiver {
        options,
        session: Arc::clone(&session),
        view: view.clone(),
        screen: Arc::clone(&screen),
        raw_mode: raw_mode.clone(),
        nick_retries: Arc::default(),
    };
    let thread = thread::Builder::new().name("receiver".to_owned());
    thread.spawn(move || receiver.run(&stream)).map_err(Failure::Start)?;

    let mut readiness = session.wait_until_ready(GREETING_TIMEOUT, SETUP_TIMEOUT);
    while let Readiness::PasswordRequired(refusal) = readiness {
        let Some(password) = ask_for_password(refusal.as_deref())? else { return Ok(()) };
        session.provide_password(password);
        readiness = session.wait_until_ready(PASSWORD_TIMEOUT, PASSWORD_TIMEOUT);
    }
    if has_setup && !session.speaks_json() {
        screen.show_now(&["! this server does not support JSON lines; --nick and --room are ignored"]);
    }
    let sent = Input { session: &session, view: &view, screen: &screen }.send_lines(&mut editor);
    screen.leave();
    drop(editor);
    drop(restore);
    sent?;
    if session.finish(SEND_TIMEOUT)? {
        screen.print_rest(CLOSE_TIMEOUT).map_err(Failure::output)?;
    }
    Ok(())
}

/// The input loop of the editor thread, which sends the lines that you type.
struct Input<'a> {
    session: &'a Session,
    view: &'a SharedView,
    screen: &'a Screen,
}

impl Input<'_> {
    /// Sends the lines that you type, until you leave.
    fn send_lines(&self, editor: &mut LineEditor) -> Result<(), Failure> {
        loop {
            let prompt = self.view.lock().prompt();
            let Some(typed) = editor.read_line(&prompt)? else { return Ok(()) };
            if !contains_password(&typed) {
                editor.add_to_history(&typed)?;
            }
            // A paste may contain several lines.
            let lines: Vec<Text> = typed.lines().map(Text::clean).filter(|line| !line.is_blank()).collect();
            if lines.len() > 1 && !confirm_paste(lines.len(), editor)? {
                continue;
            }
            for line in lines {
                if is_quit(line.as_str()) {
                    // Leave the screen before sending: the server may close the connection at once, and the client must
                    // not show that as a lost connection.
                    self.screen.leave();
                    self.session.send(line.as_str(), None);
                    return Ok(());
                }
                self.send(line.as_str());
            }
        }
    }

    fn send(&self, line: &str) {
        if let Some(password) = pass_command(line)
            && self.session.provide_password(password)
        {
            return;
        }
        if self.session.speaks_json()
            && let Some(reply) = self.view.lock().settings.run_command(line)
        {
            self.screen.show_now(&[reply]);
            return;
        }
        let room = {
            let mut view = self.view.lock();
            view.remember_key(line);
            view.room().map(str::to_owned)
        };
        let id = self.session.send(line, room.as_deref());
        if let Some(id) = id.filter(|_| line.starts_with('/')) {
            // The command may change your nickname or room, which the next prompt shows.
            self.session.wait_until_confirmed(id, COMMAND_TIMEOUT);
        }
    }
}

/// Asks whether to send a paste of `count` lines.
fn confirm_paste(count: usize, editor: &mut LineEditor) -> Result<bool, Failure> {
    let answer = editor.read_line(&format!("send {count} lines? [y/N] "))?;
    Ok(answer.is_some_and(|answer| matches!(answer.trim(), "y" | "Y" | "yes")))
}

/// Shows the server's refusal of the previous password, if any, and asks you for a password. Returns `None` if you
/// leave.
#[cfg(unix)]
fn ask_for_password(refusal: Option<&str>) -> Result<Option<Secret>, Failure> {
    let refusal = refusal.map(|text| format!("! {text}\n")).unwrap_or_default();
    prompt::ask(&format!("{refusal}Password: ")).map_err(|error| Failure::Terminal(error.into()))
}

/// Returns `None`. The client never calls this function: on systems other than Unix, you type `/pass PASSWORD`.
#[cfg(not(unix))]
fn ask_for_password(_: Option<&str>) -> Result<Option<Secret>, Failure> {
    Ok(None)
}

/// Returns the password of a `/pass PASSWORD` line.
fn pass_command(line: &str) -> Option<Secret> {
    let (command, password) = line.split_once(char::is_whitespace)?;
    command.eq_ignore_ascii_case("/pass").then(|| Secret::new(password.trim()))
}

/// Returns whether `typed` contains a command with a password, so that it must not be in the history.
fn contains_password(typed: &str) -> bool {
    let is_secret = |line: &str| {
        let command = line.split_whitespace().next().unwrap_or_default();
        ["/oper", "/pass"].iter().any(|secret| command.eq_ignore_ascii_case(secret))
    };
    typed.lines().any(is_secret)
}

/// A guard that restores the terminal when the session ends, even by a panic.
struct RestoreOnDrop<'a>(&'a RawMode);

impl Drop for RestoreOnDrop<'_> {
    fn drop(&mut self) {
        self.0.restore();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contains_password_finds_commands_with_passwords() {
        for typed in ["/oper x", "/PASS x", " /pass x", "hi\n/pass x"] {
            assert!(contains_password(typed), "{typed:?}");
        }
        for typed in ["/passage", "pass x", "", "/msg bob /pass x"] {
            assert!(!contains_password(typed), "{typed:?}");
        }
    }

    #[test]
    fn pass_command_contains_a_password() {
        assert_eq!(pass_command("/Pass  open sesame "), Some(Secret::new("open sesame")));
        assert_eq!(pass_command("/pass"), None);
        assert_eq!(pass_command("/passage x"), None);
    }
}
