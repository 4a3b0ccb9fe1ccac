//! A server of a case's own, and its clock.

use server::serve::{ClockKind, Options, ServeError, serve};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Virtual seconds in a real one, where real time counts: nobody waits for images to be pulled.
const SPEED: f64 = 20.0;

/// A running server; it ends with this value.
pub struct Front {
    address: String,
    thread: Option<JoinHandle<Result<(), ServeError>>>,
}

impl Front {
    /// Starts a cluster, and writes a kubeconfig file for it.
    ///
    /// # Errors
    /// If it cannot be served.
    // A real client waits for its server in a thread of its own.
    #[allow(clippy::disallowed_methods)]
    pub fn start(clock: ClockKind, kubeconfig: &Path, kind_config: String) -> io::Result<Front> {
        let options = Options {
            port: 0,
            kubeconfig: Some(kubeconfig.to_owned()),
            speed: SPEED,
            profile: "recorded".to_owned(),
            kind_config,
            clock,
            seed: 1,
        };
        let (sender, address) = channel();
        let thread = thread::spawn(move || {
            serve(&options, |address| {
                // Whoever asked has given up if this fails.
                let _ = sender.send(address.to_owned());
            })
        });
        match address.recv() {
            Ok(address) => Ok(Front { address, thread: Some(thread) }),
            Err(_) => Err(io::Error::other(match thread.join() {
                Ok(Err(why)) => why.to_string(),
                _ => "the server has ended".to_owned(),
            })),
        }
    }

    /// Where it is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Host and port.
    pub fn socket(&self) -> &str {
        self.address.strip_prefix("https://").unwrap_or(&self.address)
    }

    fn post(&self, path: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(self.socket())?;
        let host = "Host: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close";
        write!(stream, "POST {path} HTTP/1.1\r\n{host}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
    }

    /// Lets time pass.
    pub fn advance(&self, time: Duration) -> io::Result<()> {
        self.post(&format!("/__clock/advance?ms={}", time.as_millis())).map(drop)
    }

    /// Lets time run until nothing changes any more.
    pub fn settle(&self, limit: Duration) -> io::Result<()> {
        self.post(&format!("/__clock/settle?max={}", limit.as_secs())).map(drop)
    }

    /// Keeps the streams that are open from moving the clock, and gives their number.
    pub fn hold(&self) -> io::Result<usize> {
        Ok(self.post("/__clock/hold")?.trim().parse().unwrap_or(0))
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        let is_told = self.post("/__stop").is_ok();
        if let Some(thread) = self.thread.take().filter(|_| is_told) {
            // Whatever it says, it is over.
            let _ = thread.join();
        }
    }
}
