//! What goes over a wire, or into a record, as a name and a payload: [`Wire`].

use serde_json::{Error, Value};

/// The signals of a flow, or its effects: an enum whose variants have a name and perhaps a payload. The derive of `Flow`
/// makes it of `signals(...)` and `effects(...)`.
pub trait Wire: Send + Sync + Sized + 'static {
    /// The name.
    fn name(&self) -> &'static str;

    /// The payload as JSON; null if there is none.
    ///
    /// Fails if it cannot be written.
    fn payload(&self) -> Result<Value, Error>;

    /// The variant of this name, with this payload; none if there is no such variant.
    fn read(name: &str, payload: Value) -> Option<Result<Self, Error>>;
}

/// The signals, or the effects, of a flow that declares none.
#[derive(Clone, Debug)]
pub enum Nothing {}

impl Wire for Nothing {
    fn name(&self) -> &'static str {
        match *self {}
    }

    fn payload(&self) -> Result<Value, Error> {
        match *self {}
    }

    fn read(_: &str, _: Value) -> Option<Result<Self, Error>> {
        None
    }
}
