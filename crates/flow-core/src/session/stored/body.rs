//! What the body of a record says, in whichever form it is stored: [`Body`].
//!
//! As serde has it, it is the JSON that releases of before have written, and in which a record is shown. What its header says is not said
//! again.

use std::{borrow::Cow, collections::BTreeMap};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::{Value, value::RawValue};

use crate::{
    Address,
    record::Hold,
    session::{
        Errand, History, KnownIds, OwnIdle, Past, Pause, SaidLog, SeenLog, Shelf, Taken, Todo, Trail, Tried, Visit,
        frames::Why,
    },
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Body<'b> {
    #[serde(borrow)]
    pub(super) flow: Cow<'b, str>,
    pub(super) flow_version: u32,
    #[serde(borrow)]
    pub(super) current: Cow<'b, str>,
    #[serde(borrow)]
    pub(super) data: Text<'b>,
    pub(super) history: Cow<'b, History>,
    #[serde(default, skip_serializing_if = "Past::is_nothing")]
    pub(super) past: Past,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lapsed_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) own_idle: Option<OwnIdle>,
    #[serde(borrow)]
    pub(super) lang: Option<Cow<'b, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<Cow<'b, Address>>,
    #[serde(borrow)]
    pub(super) shared: Text<'b>,
    pub(super) tries: u32,
    pub(super) seen: Cow<'b, SeenLog>,
    #[serde(rename = "known", default, skip_serializing_if = "KnownIds::is_empty")]
    pub(super) known_ids: Cow<'b, KnownIds>,
    /// None in what a release wrote for which the way back was that of the history.
    pub(super) trail: Option<Cow<'b, Trail>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    pub(super) stack: Vec<FrameBody<'b>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) kept_tries: Cow<'b, BTreeMap<String, u32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visit: Option<Cow<'b, Visit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) taken: Option<Taken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) offered: Option<Cow<'b, [Value]>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pause: Option<Cow<'b, Pause>>,
    pub(super) todo: Cow<'b, Todo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tried: Option<Tried>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) letters_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub(super) once: Cow<'b, [Errand]>,
    #[serde(default, skip_serializing_if = "SaidLog::is_empty")]
    pub(super) said: Cow<'b, SaidLog>,
    #[serde(default, skip_serializing_if = "Shelf::is_untouched")]
    pub(super) shelf: Cow<'b, Shelf>,
    /// Said here before the first edition alone, as is the hold: later the header says both.
    #[serde(skip_serializing)]
    pub(super) expires_at: Option<DateTime<Utc>>,
    #[serde(rename = "held", skip_serializing)]
    pub(super) hold: Option<Hold>,
    /// What a later release has added that this one does not know, and keeps.
    #[serde(skip)]
    pub(super) later: Cow<'b, [u8]>,
}

/// A frame of the stack, as a record has it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FrameBody<'b> {
    #[serde(borrow)]
    pub(super) flow: Cow<'b, str>,
    pub(super) flow_version: u32,
    pub(super) why: Cow<'b, Why>,
    #[serde(borrow)]
    pub(super) current: Cow<'b, str>,
    #[serde(borrow)]
    pub(super) data: Text<'b>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) shared: Option<Text<'b>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) tries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) visit: Option<Cow<'b, Visit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) offered: Option<Cow<'b, [Value]>>,
    #[serde(default, skip_serializing_if = "Trail::is_empty")]
    pub(super) trail: Cow<'b, Trail>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(tries: &u32) -> bool {
    *tries == 0
}

/// What a state holds, or states share: the JSON that the user's own types have written.
pub(super) struct Text<'t>(pub(super) Cow<'t, str>);

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone().into_owned()).map_err(ser::Error::custom)?.serialize(serializer)
    }
}

impl<'de: 't, 't> Deserialize<'de> for Text<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Self(raw.get().into())).map_err(de::Error::custom)
    }
}
