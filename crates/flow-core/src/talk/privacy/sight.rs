//! How private values are serialised at this moment: as they are, masked, or while being collected.
//!
//! Serde has no way to tell a nested value what it is serialised for. Serialisation is synchronous, so a thread-local does.

use std::{
    cell::{Cell, RefCell},
    io,
};

use serde::{Serialize, Serializer, ser::Error};
use serde_json::Value;

/// How the private values met on this thread are to be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    Plain,
    Masked,
    Collecting,
}

thread_local! {
    static SIGHT: Cell<Sight> = const { Cell::new(Sight::Plain) };
    static COLLECTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Puts the sight back when it is dropped, after a panic too, and leaves nothing private on the thread.
struct Restore {
    sight: Sight,
    collected: Vec<String>,
}

impl Drop for Restore {
    fn drop(&mut self) {
        SIGHT.set(self.sight);
        COLLECTED.set(std::mem::take(&mut self.collected));
    }
}

fn seeing<T>(sight: Sight, act: impl FnOnce() -> T) -> T {
    let _restore = Restore { sight: SIGHT.replace(sight), collected: COLLECTED.take() };
    act()
}

/// Any value as JSON, with every private value inside it masked.
///
/// Fails if the value cannot be written as JSON.
///
/// ```
/// use flow_core::{answers::Name, privacy::masked};
///
/// let name: Name = "John Doe".parse()?;
/// assert_eq!(masked(&("booked", name))?, serde_json::json!(["booked", "J***"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn masked<T: Serialize + ?Sized>(value: &T) -> Result<Value, serde_json::Error> {
    // By way of the text, which has room for wider numbers than a `Value`: what can be stored can be viewed.
    let text = seeing(Sight::Masked, || serde_json::to_string(value))?;
    serde_json::from_str(&text)
}

/// The texts of all private values inside `value`.
///
/// Fails if the value cannot be written as JSON: some of them may not have been met.
pub(super) fn collected<T: Serialize + ?Sized>(value: &T) -> Result<Vec<String>, serde_json::Error> {
    seeing(Sight::Collecting, || {
        // Not as a `Value`, which has no room for the widest numbers.
        serde_json::to_writer(io::sink(), value)?;
        Ok(COLLECTED.take())
    })
}

/// Serialises a private value as the moment asks.
pub(crate) fn serialize_private<T, S>(
    value: &T,
    mask: impl FnOnce() -> String,
    serializer: S,
) -> Result<S::Ok, S::Error>
where
    T: Serialize + ?Sized,
    S: Serializer,
{
    match SIGHT.get() {
        Sight::Plain => value.serialize(serializer),
        Sight::Masked => serializer.serialize_str(&mask()),
        Sight::Collecting => {
            let plain = seeing(Sight::Plain, || serde_json::to_string(value)).map_err(S::Error::custom)?;
            COLLECTED.with_borrow_mut(|collected| collected.extend(leaves(&plain)));
            value.serialize(serializer)
        }
    }
}

/// Every text and number in a JSON text, in the form it was written in. Keys are among them: those of a map may be
/// private too, and JSON does not tell them from the names of fields.
pub(super) fn leaves(json: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), json);
    while let Some(start) = rest.find(|letter: char| letter == '"' || letter == '-' || letter.is_ascii_digit()) {
        rest = &rest[start..];
        let length = if rest.starts_with('"') {
            let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            found.extend(texts.next().and_then(Result::ok));
            texts.byte_offset()
        } else {
            let length = rest.find([',', ']', '}', ':']).unwrap_or(rest.len());
            found.push(rest[..length].to_owned());
            length
        };
        rest = &rest[length.max(1)..];
    }
    found
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        panic::{AssertUnwindSafe, catch_unwind},
    };

    use serde_json::json;

    use super::*;
    use crate::{answers::Name, privacy::Private};

    struct Panics;

    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("a serializer that panics")
        }
    }

    fn name() -> Name {
        "Canary Bird".parse().expect("a name")
    }

    #[test]
    fn private_values_are_masked_wherever_they_are_nested() {
        let nested = BTreeMap::from([("guests", vec![Some((name(), Private::new(7), 0.1_f32))])]);
        assert_eq!(masked(&nested).expect("a view"), json!({"guests": [["C***", "***", 0.1]]}));
        assert!(masked(&(u128::MAX, name())).is_ok());
        assert_eq!(serde_json::to_value(name()).expect("a value"), "Canary Bird");
    }

    #[test]
    fn what_is_private_is_collected_in_the_form_it_is_written_in() {
        let map = Private::new(BTreeMap::from([("k\"1".to_owned(), (0.1_f32, -2, true))]));
        let given = (u128::MAX, "public", Private::new(u128::MAX), map, Private::new(vec![name()]));
        let widest = u128::MAX.to_string();
        assert_eq!(collected(&given).expect("texts"), [&widest, "k\"1", "0.1", "-2", "Canary Bird", "Canary Bird"]);
    }

    #[test]
    fn a_panic_leaves_nothing_private_behind() {
        for act in [|| drop(masked(&(name(), Panics))), || drop(collected(&(name(), Panics)))] {
            assert!(catch_unwind(AssertUnwindSafe(act)).is_err());
            assert_eq!(serde_json::to_value(name()).expect("a value"), "Canary Bird");
            assert!(COLLECTED.take().is_empty());
        }
    }
}
