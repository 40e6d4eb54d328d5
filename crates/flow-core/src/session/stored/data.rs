//! The state of a session as `current` and `data`: the user's own serde enum, adjacently tagged by its wire name.
//!
//! The variant is told to serde by its index, which is its place in the graph, so that the enum keeps whatever serde
//! attributes it has on its fields, and a variant can be renamed without a word to serde.

use std::{any::type_name, fmt::Display, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor, value::U64Deserializer},
    forward_to_deserialize_any,
    ser::{Error as _, Impossible, SerializeMap, SerializeStruct, SerializeStructVariant},
};
use serde_json::{Error, to_value};

use super::written_with_care;

use crate::{
    Flow, Unreadable,
    declare::{AnyState, Keeping, Kind, Stored},
};

/// How the states of a flow are kept.
pub const fn keeping<F: Stored>() -> Keeping<F> {
    Keeping {
        copy: F::clone,
        show: F::fmt,
        text: |state, place, read| written_with_care(&Data(state), (type_name::<F>(), place), read),
        value: |state| to_value(Data(state)),
        read_text: |index, text| read(index, &mut serde_json::Deserializer::from_str(text)),
        read_value: |index, value| read(index, value),
    }
}

fn read<'de, F: Deserialize<'de>>(index: usize, data: impl Deserializer<'de, Error = Error>) -> Result<F, Error> {
    F::deserialize(NamedVariant { index, data, lifetime: PhantomData })
}

/// Reads the state with this wire name, or alias, out of what it held.
pub(super) fn read_state<F: Flow>(name: &str, read: impl FnOnce(usize) -> Result<F, Error>) -> Result<F, Unreadable> {
    let index = F::GRAPH.find(name).ok_or(Unreadable::UnknownState)?;
    read(index).map_err(Unreadable::corrupt)
}

/// The same of a flow whose type is forgotten.
pub(super) fn read_any_state(
    kind: &Kind,
    name: &str,
    read: impl FnOnce(usize) -> Result<Box<dyn AnyState>, Error>,
) -> Result<Box<dyn AnyState>, Unreadable> {
    let index = kind.graph.find(name).ok_or(Unreadable::UnknownState)?;
    read(index).map_err(Unreadable::corrupt)
}

/// Writes what a state of an enum that is known holds, without its name; `{}` if it holds nothing.
struct Data<'s, F>(&'s F);

impl<F: Serialize> Serialize for Data<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(VariantData(serializer))
    }
}

/// Serialises an enum as the data of its variant.
struct VariantData<S>(S);

/// A serializer's methods for everything that a derived enum never calls.
macro_rules! refuse {
    ($($method:ident($($given:ty),*);)*) => {
        $(fn $method(self, $(_: $given),*) -> Result<S::Ok, S::Error> { Err(not_an_enum()) })*
    };
}

fn not_an_enum<E: serde::ser::Error>() -> E {
    E::custom("a flow is written as an enum, externally tagged, as serde derives it")
}

impl<S: Serializer> Serializer for VariantData<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Impossible<S::Ok, S::Error>;
    type SerializeTuple = Impossible<S::Ok, S::Error>;
    type SerializeTupleStruct = Impossible<S::Ok, S::Error>;
    type SerializeTupleVariant = Impossible<S::Ok, S::Error>;
    type SerializeMap = Impossible<S::Ok, S::Error>;
    type SerializeStruct = Impossible<S::Ok, S::Error>;
    type SerializeStructVariant = StructData<S::SerializeStruct>;

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<S::Ok, S::Error> {
        self.0.serialize_map(Some(0))?.end()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        value.serialize(self.0)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        fields: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.0.serialize_struct(name, fields).map(StructData)
    }

    refuse! {
        serialize_bool(bool); serialize_i8(i8); serialize_i16(i16); serialize_i32(i32); serialize_i64(i64);
        serialize_u8(u8); serialize_u16(u16); serialize_u32(u32); serialize_u64(u64);
        serialize_f32(f32); serialize_f64(f64); serialize_char(char); serialize_str(&str); serialize_bytes(&[u8]);
        serialize_none(); serialize_unit(); serialize_unit_struct(&'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, _: &T) -> Result<S::Ok, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        Err(not_an_enum())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, S::Error> {
        Err(not_an_enum())
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("a flow is not written as a string"))
    }
}

/// A variant's fields, written as a struct's.
struct StructData<S>(S);

impl<S: SerializeStruct> SerializeStructVariant for StructData<S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
        self.0.serialize_field(name, value)
    }

    fn skip_field(&mut self, name: &'static str) -> Result<(), S::Error> {
        self.0.skip_field(name)
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        self.0.end()
    }
}

/// Deserialises an enum out of the index of its variant and the data of that variant.
struct NamedVariant<'de, D> {
    index: usize,
    data: D,
    lifetime: PhantomData<&'de ()>,
}

impl<'de, D: Deserializer<'de, Error = Error>> Deserializer<'de> for NamedVariant<'de, D> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> EnumAccess<'de> for NamedVariant<'de, D> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let index: U64Deserializer<Error> = (self.index as u64).into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'de, D: Deserializer<'de, Error = Error>> VariantAccess<'de> for NamedVariant<'de, D> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.data)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.data.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.data.deserialize_struct("", fields, visitor)
    }
}
