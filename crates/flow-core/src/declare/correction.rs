//! Corrections: what a state can be corrected in, [`Corrects`].

use std::fmt::Debug;

use crate::{State, wiring::Derived};

/// A state that declares corrections: `corrects(...)`. Sealed: the derive of `Flow` implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` declares no corrections",
    label = "nothing is declared that could be corrected from this state",
    note = "write `corrects(email)` in the `#[state(…)]` of `{Self}`, with the name of a field that it holds"
)]
pub trait Corrects: State {
    /// What can be corrected from it: an enum with a variant for each field.
    type Correction: Copy + Debug + Send + Sync + 'static;

    #[doc(hidden)]
    const CORRECTS: Derived;

    /// The name of the field.
    fn field(correction: Self::Correction) -> &'static str;
}
