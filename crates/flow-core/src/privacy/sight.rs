//! How private values are serialised at this moment: as they are, masked, or while being collected.
//!
//! Serde has no way to tell a nested value who is asking. Serialisation is synchronous, so the thread knows.

use std::cell::{Cell, RefCell};

use serde::{Serialize, Serializer};
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

/// Puts the sight back when it is dropped, be it by a panic.
struct Restore(Sight);

impl Drop for Restore {
    fn drop(&mut self) {
        SIGHT.set(self.0);
    }
}

fn seeing<T>(sight: Sight, act: impl FnOnce() -> T) -> T {
    let _restore = Restore(SIGHT.replace(sight));
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
    seeing(Sight::Masked, || serde_json::to_value(value))
}

/// The texts of all private values inside `value`.
pub(super) fn collected<T: Serialize + ?Sized>(value: &T) -> Vec<String> {
    let before = COLLECTED.take();
    // What cannot be written ends early; what was met until then is collected all the same.
    let _ = seeing(Sight::Collecting, || serde_json::to_value(value));
    COLLECTED.replace(before)
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
            let plain = seeing(Sight::Plain, || serde_json::to_value(value)).unwrap_or_default();
            COLLECTED.with_borrow_mut(|collected| leaves(&plain, collected));
            value.serialize(serializer)
        }
    }
}

/// Every text and number in a value.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| leaves(value, found)),
        Value::Object(values) => values.values().for_each(|value| leaves(value, found)),
        Value::Null | Value::Bool(_) => {}
    }
}
