//! Writes what a user's type holds as JSON, and refuses what would not be read again.
//!
//! A value that serde writes and does not read would lock its visitor out. What can be told while it is written is told then: a
//! number that is none, too many levels. For the rest, what was written is read once for each shape that a type takes in this process:
//! which fields, variants and keys there are, and which of them hold nothing.

use std::{
    cell::Cell,
    collections::HashSet,
    fmt::Display,
    sync::{LazyLock, RwLock},
};

use serde::{
    Serialize, Serializer,
    ser::{
        Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::Error;
use twox_hash::XxHash3_64;

/// How many levels deep a value may be. What reads it takes 128, and in a record it stands some levels below the top.
const DEEPEST: u32 = 120;

/// How many shapes are known at most. Beyond that, each is read again.
const MOST_SHAPES: usize = 4_096;

/// The shapes that were read once.
static KNOWN: LazyLock<RwLock<HashSet<u64>>> = LazyLock::new(RwLock::default);

/// The value as JSON. If no such shape of this `kind` was written before, `read` reads what was written. Of a kind are values of one type that
/// is read in one way: a state of a flow, say.
///
/// Fails if it cannot be written, or would not read back.
pub(crate) fn written_with_care<T: Serialize>(
    value: &T,
    kind: (&str, usize),
    read: impl FnOnce(&str) -> Result<(), Error>,
) -> Result<String, Error> {
    let (name, place) = kind;
    let shape = Shape { hash: Cell::new(XxHash3_64::oneshot(name.as_bytes())), depth: Cell::new(0) };
    shape.note(place as u64);
    let mut json = Vec::with_capacity(256);
    value.serialize(Careful { inner: &mut serde_json::Serializer::new(&mut json), shape: &shape })?;
    let json = String::from_utf8(json).map_err(Error::custom)?;
    let hash = shape.hash.get();
    if !KNOWN.read().is_ok_and(|known| known.contains(&hash)) {
        read(&json)?;
        if let Ok(mut known) = KNOWN.write()
            && known.len() < MOST_SHAPES
        {
            known.insert(hash);
        }
    }
    Ok(json)
}

/// What serde was asked to write, but for the values themselves.
struct Shape {
    hash: Cell<u64>,
    depth: Cell<u32>,
}

impl Shape {
    fn note(&self, what: u64) {
        let hash = (self.hash.get() ^ what).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.hash.set(hash ^ hash >> 32);
    }

    /// A name of the program's own is known by where it stands.
    fn note_name(&self, name: &'static str) {
        self.note(name.as_ptr().addr() as u64 ^ (name.len() as u64) << 48);
    }

    fn note_text(&self, text: &str) {
        self.note(XxHash3_64::oneshot(text.as_bytes()));
    }

    fn go_deeper<E: serde::ser::Error>(&self) -> Result<(), E> {
        self.depth.set(self.depth.get() + 1);
        if self.depth.get() > DEEPEST { Err(E::custom("too many levels to be read again")) } else { Ok(()) }
    }

    fn come_back(&self) {
        self.note(END);
        self.depth.set(self.depth.get() - 1);
    }
}

const SCALAR: u64 = 1;
const NONE: u64 = 2;
const SOME: u64 = 3;
const LIST: u64 = 4;
const FIELDS: u64 = 5;
const MAP: u64 = 6;
const KEY: u64 = 7;
const END: u64 = 8;

/// Asks another serializer, and notes what for.
struct Careful<'s, S> {
    inner: S,
    shape: &'s Shape,
}

/// A value that is written so.
struct Within<'s, T: ?Sized> {
    value: &'s T,
    shape: &'s Shape,
}

impl<T: Serialize + ?Sized> Serialize for Within<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Careful { inner: serializer, shape: self.shape })
    }
}

/// A key of a map, which is a part of the shape.
struct Key<'s, T: ?Sized>(Within<'s, T>);

impl<T: Serialize + ?Sized> Serialize for Key<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Within { value, shape } = self.0;
        // As text, since that is what it will be. What has none is refused by the serializer itself.
        shape.note(KEY);
        if let Ok(text) = serde_json::to_string(value) {
            shape.note_text(&text);
        }
        value.serialize(serializer)
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.shape.note(SCALAR);
            self.inner.$method(value)
        })*
    };
}

macro_rules! finite {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.shape.note(SCALAR);
            if value.is_finite() {
                self.inner.$method(value)
            } else {
                Err(S::Error::custom("a number that is none cannot be read again"))
            }
        })*
    };
}

impl<'s, S: Serializer> Serializer for Careful<'s, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Careful<'s, S::SerializeSeq>;
    type SerializeTuple = Careful<'s, S::SerializeTuple>;
    type SerializeTupleStruct = Careful<'s, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Careful<'s, S::SerializeTupleVariant>;
    type SerializeMap = Careful<'s, S::SerializeMap>;
    type SerializeStruct = Careful<'s, S::SerializeStruct>;
    type SerializeStructVariant = Careful<'s, S::SerializeStructVariant>;

    scalars! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_u128: u128, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
    }

    finite! { serialize_f32: f32, serialize_f64: f64 }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.shape.note(NONE);
        self.inner.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.shape.note(SOME);
        self.inner.serialize_some(&Within { value, shape: self.shape })
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.shape.note(NONE);
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.shape.note(NONE);
        self.inner.serialize_unit_struct(name)
    }

    fn serialize_unit_variant(self, name: &'static str, index: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.shape.note_name(variant);
        self.inner.serialize_unit_variant(name, index, variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &Within { value, shape: self.shape })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.shape.note_name(variant);
        self.shape.go_deeper()?;
        let shape = self.shape;
        let done = self.inner.serialize_newtype_variant(name, index, variant, &Within { value, shape })?;
        shape.come_back();
        Ok(done)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.begin(LIST, |inner| inner.serialize_seq(length))
    }

    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.begin(LIST, |inner| inner.serialize_tuple(length))
    }

    fn serialize_tuple_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.begin(LIST, |inner| inner.serialize_tuple_struct(name, length))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.shape.note_name(variant);
        self.begin(LIST, |inner| inner.serialize_tuple_variant(name, index, variant, length))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.begin(MAP, |inner| inner.serialize_map(length))
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<Self::SerializeStruct, S::Error> {
        self.begin(FIELDS, |inner| inner.serialize_struct(name, length))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.shape.note_name(variant);
        self.begin(FIELDS, |inner| inner.serialize_struct_variant(name, index, variant, length))
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.shape.note(SCALAR);
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

impl<'s, S: Serializer> Careful<'s, S> {
    fn begin<T>(self, what: u64, begin: impl FnOnce(S) -> Result<T, S::Error>) -> Result<Careful<'s, T>, S::Error> {
        self.shape.note(what);
        self.shape.go_deeper()?;
        Ok(Careful { inner: begin(self.inner)?, shape: self.shape })
    }
}

macro_rules! lists {
    ($($trait:ident::$method:ident),*) => {
        $(impl<S: $trait> $trait for Careful<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.inner.$method(&Within { value, shape: self.shape })
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.shape.come_back();
                self.inner.end()
            }
        })*
    };
}

lists! {
    SerializeSeq::serialize_element, SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl<S: $trait> $trait for Careful<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
                self.shape.note_name(name);
                self.inner.serialize_field(name, &Within { value, shape: self.shape })
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
                self.inner.skip_field(name)
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.shape.come_back();
                self.inner.end()
            }
        })*
    };
}

fields! { SerializeStruct, SerializeStructVariant }

impl<S: SerializeMap> SerializeMap for Careful<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.inner.serialize_key(&Key(Within { value: key, shape: self.shape }))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.inner.serialize_value(&Within { value, shape: self.shape })
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.shape.come_back();
        self.inner.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde::{Deserialize, de::DeserializeOwned};
    use serde_json::{Value, json};

    use super::*;

    /// Whether it is written, and whether it was read for that.
    fn written<T: Serialize + DeserializeOwned>(kind: &str, value: &T) -> (bool, bool) {
        let was_read = Cell::new(false);
        let read = |json: &str| {
            was_read.set(true);
            serde_json::from_str::<T>(json).map(drop)
        };
        let json = written_with_care(value, (kind, 0), read);
        assert!(json.as_ref().is_err() || json.as_deref().ok() == serde_json::to_string(value).ok().as_deref());
        (json.is_ok(), was_read.get())
    }

    #[derive(Serialize, Deserialize)]
    struct Note {
        text: String,
        at: Option<u32>,
        kind: Kind,
        #[serde(flatten)]
        rest: HashMap<String, Value>,
    }

    #[derive(Serialize, Deserialize)]
    enum Kind {
        Plain,
        One(u8),
        Two(u8, f32),
        Named { a: Option<u8> },
    }

    fn note(kind: Kind) -> Note {
        Note { text: "é\u{1}\n\"".into(), at: None, kind, rest: HashMap::new() }
    }

    #[test]
    fn each_shape_is_read_once() {
        for (first, again) in [
            (note(Kind::Plain), note(Kind::Plain)),
            (note(Kind::One(1)), note(Kind::One(2))),
            (note(Kind::Two(1, 2.0)), note(Kind::Two(3, 0.1))),
            (note(Kind::Named { a: None }), note(Kind::Named { a: None })),
            (note(Kind::Named { a: Some(1) }), note(Kind::Named { a: Some(7) })),
            (Note { at: Some(1), ..note(Kind::Plain) }, Note { at: Some(2), ..note(Kind::Plain) }),
            (
                Note { rest: [("x".into(), json!([1, null]))].into(), ..note(Kind::Plain) },
                Note { rest: [("x".into(), json!(["a", null]))].into(), ..note(Kind::Plain) },
            ),
        ] {
            assert_eq!(written("once", &first), (true, true));
            assert_eq!(written("once", &again), (true, false), "{}", again.text);
        }
        assert_eq!(written("another type", &note(Kind::Plain)), (true, true));
    }

    #[test]
    fn what_would_not_be_read_again_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(written("number", &number), (false, false));
        }
        let deep = |levels: u32| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!((written("deep", &deep(120)).0, written("deep", &deep(121)).0), (true, false));
        let twice = Note { rest: [("text".into(), json!("twice"))].into(), ..note(Kind::Plain) };
        assert_eq!(written("flattened", &note(Kind::Plain)), (true, true));
        assert_eq!(written("flattened", &twice), (false, true), "a field's name in a flattened map");
        let keyed: BTreeMap<Vec<u8>, u8> = [(vec![1], 1)].into();
        assert!(!written("keys", &keyed).0);
    }

    #[test]
    fn two_states_of_one_flow_are_read_each_though_they_look_alike() {
        let fails = |_: &str| serde_json::from_str::<u8>("no").map(drop);
        assert!(written_with_care(&1_u8, ("alike", 0), |_| Ok(())).is_ok());
        assert!(written_with_care(&1_u8, ("alike", 0), fails).is_ok());
        assert!(written_with_care(&1_u8, ("alike", 1), fails).is_err());
    }

    #[test]
    fn a_type_that_does_not_read_what_it_writes_is_refused_each_time() {
        #[derive(Serialize, Deserialize)]
        struct Renamed {
            #[serde(rename(serialize = "a", deserialize = "b"))]
            field: u8,
        }
        for _ in 0..2 {
            assert_eq!(written("renamed", &Renamed { field: 1 }), (false, true));
        }
    }
}
