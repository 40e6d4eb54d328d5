//! HTTP as a stub speaks it: a [`Server`] that may also not answer, and what it is asked.

mod answer;
mod form;
mod multipart;
mod request;
mod server;

pub(super) use answer::Answer;
pub(super) use multipart::Upload;
pub(super) use request::Request;
pub(super) use server::{Server, Service};
