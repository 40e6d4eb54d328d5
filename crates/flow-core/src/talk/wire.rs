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

/// The names of what is not there say so where rustc shows them: "expected `NoEffects`, found `&str`".
macro_rules! nothing {
    ($($(#[doc = $doc:literal])+ $name:ident)*) => {
        $($(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub enum $name {}

        impl Wire for $name {
            fn name(&self) -> &'static str {
                match *self {}
            }

            fn payload(&self) -> Result<Value, Error> {
                match *self {}
            }

            fn read(_: &str, _: Value) -> Option<Result<Self, Error>> {
                None
            }
        })*
    };
}

nothing! {
    /// The signals of a flow whose states declare none with `signals(…)`.
    NoSignals
    /// The effects of a flow that declares none with `effects(…)`.
    NoEffects
}
