//! Listening here and carrying connections there.

use super::ports::{Address, Ports};
use crate::errors::{Result, bail};
use crate::invocation::Invocation;
use crate::transport::{Connection, Forwarder, Listener, LocalFuture};
use shell::{Either, Signal, race};
use sim::{Receiver, Sender};
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;

/// Forwards until interrupted, or until the Pod is lost.
pub(super) async fn serve(
    invocation: &Rc<Invocation>,
    forwarder: Forwarder,
    addresses: &[Address],
    mut ports: Vec<Ports>,
) -> Result {
    let context = &invocation.context;
    context.handle(Signal::INT);
    let mut listeners = Vec::new();
    for pair in &mut ports {
        match listen(invocation, addresses, pair) {
            Ok(more) => listeners.extend(more.into_iter().map(|listener| (listener, *pair))),
            Err(why) => {
                invocation.complain(format!("Unable to listen on port {}: {why}", pair.local));
            }
        }
    }
    if listeners.is_empty() {
        let pairs: Vec<String> =
            ports.iter().map(|pair| format!("{{{} {}}}", pair.local, pair.remote)).collect();
        bail!("unable to listen on any of the requested ports: [{}]", pairs.join(" "));
    }
    let Forwarder { open, closed } = forwarder;
    let work = Work::default();
    let open: Rc<Open> = Rc::from(open);
    for (listener, pair) in listeners {
        work.add(Box::pin(accept(invocation.clone(), listener, pair, open.clone(), work.clone())));
    }
    let _ = context.flush().await;
    let lost = race(closed, work.run());
    match race(context.signalled(), lost).await {
        Either::First(_) => Ok(()),
        Either::Second(_) => bail!("lost connection to pod"),
    }
}

type Open = dyn Fn(u16) -> LocalFuture<Result<Connection, String>>;

/// Listens on all addresses, and says so.
fn listen(
    invocation: &Invocation,
    addresses: &[Address],
    pair: &mut Ports,
) -> Result<Vec<Listener>, String> {
    let (mut listeners, mut failures) = (Vec::new(), Vec::new());
    let mut is_needed_one_missing = false;
    for address in addresses {
        let is_v6 = address.text.contains(':');
        let host = if is_v6 { format!("[{}]", address.text) } else { address.text.clone() };
        match invocation.api().listen(&address.text, pair.local) {
            Ok(listener) => {
                // Any port here means the same one on all addresses.
                pair.local = listener.port;
                let (local, remote) = (pair.local, pair.remote);
                invocation.print(format!("Forwarding from {host}:{local} -> {remote}"));
                listeners.push(listener);
            }
            Err(why) => {
                let protocol = if is_v6 { "tcp6" } else { "tcp4" };
                is_needed_one_missing |= !address.is_optional;
                failures.push(format!(
                    "unable to create listener: Error listen {protocol} {host}:{}: {why}",
                    pair.local
                ));
            }
        }
    }
    if listeners.is_empty() || is_needed_one_missing {
        let failures = failures.join(" ");
        return Err(format!("Listeners failed to create with the following errors: [{failures}]"));
    }
    Ok(listeners)
}

/// Things to do at the same time; more may come while they are done.
#[derive(Clone, Default)]
struct Work(Rc<RefCell<Vec<LocalFuture<bool>>>>);

impl Work {
    fn add(&self, future: LocalFuture<bool>) {
        self.0.borrow_mut().push(future);
    }

    /// Completes when one of them says that all is over.
    async fn run(&self) {
        let mut running: Vec<LocalFuture<bool>> = Vec::new();
        std::future::poll_fn(|context| {
            loop {
                running.append(&mut self.0.borrow_mut());
                let mut is_over = false;
                running.retain_mut(|future| match future.as_mut().poll(context) {
                    Poll::Ready(is_last) => {
                        is_over |= is_last;
                        false
                    }
                    Poll::Pending => true,
                });
                if is_over {
                    return Poll::Ready(());
                }
                if self.0.borrow().is_empty() {
                    return Poll::Pending;
                }
            }
        })
        .await;
    }
}

async fn accept(
    invocation: Rc<Invocation>,
    mut listener: Listener,
    pair: Ports,
    open: Rc<Open>,
    work: Work,
) -> bool {
    while let Some(connection) = listener.connections.recv().await {
        invocation.print(format!("Handling connection for {}", pair.local));
        // An output that nobody reads is told of when the command ends.
        let _ = invocation.context.flush().await;
        let open = open(pair.remote);
        work.add(Box::pin(carry(invocation.clone(), connection, pair, open)));
    }
    false
}

/// Carries one connection; a port that nobody listens on there ends everything.
async fn carry(
    invocation: Rc<Invocation>,
    here: Connection,
    pair: Ports,
    open: LocalFuture<Result<Connection, String>>,
) -> bool {
    match open.await {
        Ok(there) => {
            let Connection { send, receive } = here;
            crate::join::join_all(vec![copy(receive, there.send), copy(there.receive, send)]).await;
            false
        }
        Err(why) => {
            let Ports { local, remote } = pair;
            let message = format!("an error occurred forwarding {local} -> {remote}: {why}");
            invocation.log('E', "portforward.go:409", &message);
            true
        }
    }
}

async fn copy(mut from: Receiver<Vec<u8>>, to: Sender<Vec<u8>>) {
    while let Some(bytes) = from.recv().await {
        if to.send(bytes).is_err() {
            return;
        }
    }
}
