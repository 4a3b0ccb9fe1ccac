//! The streams between the terminal here and a program there.

use crate::client::Call;
use crate::errors::{Error, Result, bail};
use crate::invocation::Invocation;
use crate::transport::Streams;
use api::Value;
use shell::{Context, Either, Signal, Tty, race};
use sim::{Receiver, Sender};

/// So many bytes of the input are sent at a time.
const PIECE_BYTES: usize = 4096;

/// The input and the terminal, as far as the program gets them.
pub(crate) struct Terminal {
    /// Whether the program gets our input.
    pub(crate) stdin: bool,
    /// Our terminal, if the program is to have one.
    tty: Option<Tty>,
}

impl Terminal {
    /// What `--stdin` and `--tty` come to; a terminal that is none is complained of.
    pub(crate) fn new(invocation: &Invocation, stdin: bool, tty: bool) -> Terminal {
        if !stdin || !tty {
            return Terminal { stdin, tty: None };
        }
        let context = &invocation.context;
        let terminal = context.terminal().filter(|_| context.is_terminal(0));
        if terminal.is_none() && !invocation.flags.bool("quiet") {
            invocation.complain(
                "Unable to use a TTY - input is not a terminal or the right kind of file",
            );
        }
        Terminal { stdin, tty: terminal }
    }

    /// Whether the program is on our terminal.
    pub(crate) fn is_raw(&self) -> bool {
        self.tty.is_some()
    }

    /// Adds to a request which streams are wanted.
    pub(crate) fn parameters(&self, call: Call) -> Call {
        call.flag_if("stdin", self.stdin)
            .query("stdout", "true")
            .flag_if("stderr", !self.is_raw())
            .flag_if("tty", self.is_raw())
    }
}

/// While it lives, the terminal passes on everything that is typed.
struct Raw<'a>(&'a Tty);

impl<'a> Raw<'a> {
    fn new(tty: &'a Tty) -> Raw<'a> {
        tty.set_raw(true);
        Raw(tty)
    }
}

impl Drop for Raw<'_> {
    fn drop(&mut self) {
        self.0.set_raw(false);
    }
}

/// Sends the request and carries bytes until the program ends.
pub(crate) async fn run(invocation: &Invocation, call: Call, terminal: &Terminal) -> Result {
    let context = &invocation.context;
    let streams = invocation.client()?.stream(terminal.parameters(call)).await?;
    let Streams { stdin, stdout, stderr, mut status, resize } = streams;
    let _raw = terminal.tty.as_ref().map(Raw::new);
    let outputs =
        crate::join::join_all(vec![copy_out(context, stdout, 1), copy_out(context, stderr, 2)]);
    let inputs = async {
        let sizes = async {
            match &terminal.tty {
                Some(tty) => follow_size(context, tty, resize).await,
                None => std::future::pending().await,
            }
        };
        let input = copy_in(context, terminal.stdin.then_some(stdin));
        match race(input, sizes).await {
            Either::First(never) | Either::Second(never) => never,
        }
    };
    // The program's end is the end of its outputs; our input may go on.
    race(outputs, inputs).await;
    result(invocation, status.recv().await)
}

/// Runs a program with an input of its own; completes with what it printed. Its complaints go to
/// standard error.
pub(crate) async fn exchange(
    invocation: &Invocation,
    call: Call,
    input: Option<Vec<u8>>,
) -> Result<Vec<u8>> {
    let call = call.flag_if("stdin", input.is_some());
    let call = call.query("stdout", "true").query("stderr", "true");
    let streams = invocation.client()?.stream(call).await?;
    let Streams { stdin, stdout, stderr, mut status, resize: _ } = streams;
    if let Some(bytes) = input {
        // A program that does not read has ended, and says why.
        let _ = stdin.send(bytes);
    }
    drop(stdin);
    let mut outputs = crate::join::join_all(vec![collect(stdout), collect(stderr)]).await;
    invocation.context.complain(outputs.pop().unwrap_or_default());
    result(invocation, status.recv().await)?;
    Ok(outputs.pop().unwrap_or_default())
}

async fn collect(mut stream: Receiver<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(more) = stream.recv().await {
        bytes.extend(more);
    }
    bytes
}

/// A future that never ends.
enum Never {}

async fn copy_out(context: &Context, mut stream: Receiver<Vec<u8>>, descriptor: u32) {
    while let Some(bytes) = stream.recv().await {
        context.put_to(descriptor, bytes.as_slice());
        // An output that nobody reads is told of when the command ends.
        let _ = context.flush().await;
    }
}

/// Passes the input on and says when it ends.
async fn copy_in(context: &Context, stream: Option<Sender<Vec<u8>>>) -> Never {
    if let Some(stream) = stream {
        while let Ok(bytes) = context.read(0, PIECE_BYTES).await {
            if bytes.is_empty() || stream.send(bytes).is_err() {
                break;
            }
        }
    }
    std::future::pending().await
}

async fn follow_size(context: &Context, tty: &Tty, resize: Sender<(usize, usize)>) -> Never {
    context.handle(Signal::WINCH);
    loop {
        // A program that has ended needs no size.
        let _ = resize.send(tty.size());
        context.signalled().await;
    }
}

/// How the program ended.
fn result(invocation: &Invocation, status: Option<Value>) -> Result {
    let Some(status) = status else { return Ok(()) };
    if status["status"] == "Success" {
        return Ok(());
    }
    if status["reason"] == "NonZeroExitCode" {
        let causes = status["details"]["causes"].items();
        let code = causes.iter().find(|cause| cause["reason"] == "ExitCode");
        let code = code.and_then(|cause| cause["message"].as_str()?.parse::<i32>().ok());
        let Some(code) = code else {
            bail!("error stream protocol error: no ExitCode cause given");
        };
        invocation.complain(format!("command terminated with exit code {code}"));
        return Err(Error::Exit(code));
    }
    bail!("{}", status["message"].as_str().unwrap_or_default())
}
