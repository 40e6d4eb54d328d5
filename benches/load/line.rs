//! A connection to the server: [`Line`].

use std::{
    error::Error,
    net::{Ipv4Addr, SocketAddr},
};

use flow_http::axum::{body::Body, http::Request, http::Response};
use hyper::{
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpSocket;

pub type Broken = Box<dyn Error + Send + Sync>;

/// One connection, which is kept from one request to the next.
pub struct Line(SendRequest<Body>);

impl Line {
    /// A connection from an address of this machine.
    pub async fn open(to: SocketAddr, from: Ipv4Addr) -> Result<Self, Broken> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let stream = socket.connect(to).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    pub async fn ask(&mut self, request: Request<Body>) -> Result<Response<Incoming>, Broken> {
        self.0.ready().await?;
        Ok(self.0.send_request(request).await?)
    }
}
