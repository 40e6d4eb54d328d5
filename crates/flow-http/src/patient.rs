//! A socket whose client has to read: [`Patient`].

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How much the system keeps of what a client has not read yet, where it may be told; as large as the chat's own module.
const SENT_AHEAD: usize = 64 * 1024;

/// A socket that fails once its client has left what is sent to it unread for so long.
pub(crate) struct Patient {
    stream: TcpStream,
    patience: Duration,
    /// There while nothing more can be sent.
    waits: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    pub(crate) fn new(stream: TcpStream, patience: Duration) -> Self {
        let socket = socket2::SockRef::from(&stream);
        // What a system does not know it does without: a slow client costs it more memory, or is noticed later.
        let _ = stream.set_nodelay(true);
        let _ = socket.set_send_buffer_size(SENT_AHEAD);
        // Of a client that vanished without a word there is still room for what is sent to it, for hours: only the system knows that
        // it acknowledges nothing.
        #[cfg(target_os = "linux")]
        let _ = socket.set_tcp_user_timeout(Some(patience));
        Self { stream, patience, waits: None }
    }

    /// Fails what has not got on for too long.
    fn judged<T>(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.waits = None;
            return sent;
        }
        let patience = self.patience;
        let waits = self.waits.get_or_insert_with(|| Box::pin(sleep(patience)));
        waits.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judged(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.judged(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// That the system then closes such a connection takes a network that loses everything, which a test does not have.
    #[tokio::test]
    async fn the_system_knows_for_how_long_a_client_may_acknowledge_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let _client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a connection");
        let patient = Patient::new(stream, Duration::from_secs(7));
        let known = socket2::SockRef::from(&patient.stream).tcp_user_timeout().expect("an option");
        assert_eq!(known, Some(Duration::from_secs(7)));
    }
}
