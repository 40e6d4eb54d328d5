//! What a method of the Bot API is called with: [`Arguments`].

use serde_json::{Map, Value};

use super::{super::http::Upload, refusal::Refusal};

/// Arguments, as JSON or as texts: both are the same to Telegram.
pub(super) struct Arguments {
    pub(super) fields: Map<String, Value>,
    pub(super) uploads: Vec<Upload>,
}

impl Arguments {
    /// A text. Empty if it is not there.
    pub(super) fn text(&self, name: &str) -> String {
        match self.fields.get(name) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        }
    }

    pub(super) fn integer(&self, name: &str) -> Option<i64> {
        self.text(name).trim().parse().ok()
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.text(name).trim().parse().ok()
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        matches!(&*self.text(name).to_lowercase(), "true" | "yes" | "1")
    }

    /// An object or a list, which may be written as a text.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, ()> {
        match self.fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| ()),
            Some(other) => Ok(Some(other.clone())),
        }
    }

    pub(super) fn chat(&self) -> Result<i64, Refusal> {
        let chat = self.text("chat_id");
        if chat.is_empty() {
            return Err(Refusal::bad("chat_id is empty"));
        }
        chat.parse().map_err(|_| Refusal::bad("chat not found"))
    }

    /// For the one who reads what was called: files by their size alone.
    pub(super) fn wire(&self) -> Value {
        let mut fields = self.fields.clone();
        for upload in &self.uploads {
            let told = format!("{} ({}, {} bytes)", upload.file_name, upload.media_type, upload.bytes.len());
            fields.insert(upload.field.clone(), Value::String(told));
        }
        Value::Object(fields)
    }
}
