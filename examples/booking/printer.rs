//! Prints above the line that is being typed: [`Printer`].

use std::{
    io,
    sync::mpsc::{Sender, channel},
    thread,
};

use rustyline::ExternalPrinter;
use tokio::sync::oneshot;

use crate::screen;

/// Prints on a thread of its own, because the editor of lines may keep it waiting. Clones print in one order.
#[derive(Clone)]
pub struct Printer(Sender<Order>);

/// A text, and where to tell that it was printed.
type Order = (String, oneshot::Sender<io::Result<()>>);

impl Printer {
    /// Prints by the editor's printer, or where it has none, as anything else is.
    pub fn start(mut above: Option<impl ExternalPrinter + Send + 'static>) -> Self {
        let (orders, ordered) = channel::<Order>();
        thread::spawn(move || {
            for (text, told) in ordered {
                let printed = match &mut above {
                    Some(above) => above.print(screen::visible(&text).into_owned() + "\n").map_err(io::Error::other),
                    None => screen::line(&text),
                };
                // Who asked may have lost patience.
                let _ = told.send(printed);
            }
        });
        Self(orders)
    }

    /// Prints the text, and a line's end.
    ///
    /// Fails if the terminal is gone.
    pub async fn print(&self, text: String) -> io::Result<()> {
        let (tell, told) = oneshot::channel();
        let gone = |_| io::Error::other("the terminal is gone");
        self.0.send((text, tell)).map_err(|_| io::Error::other("the terminal is gone"))?;
        told.await.map_err(gone)?
    }
}
