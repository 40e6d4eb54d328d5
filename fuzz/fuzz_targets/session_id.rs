//! A session's id, as clients and operators spell it: what is taken has one spelling, and reads back as itself.

#![no_main]

use flow_core::SessionId;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let parsed = text.parse::<SessionId>();
    let written = serde_json::to_string(text).expect("text");
    // By either door the same is let in.
    assert_eq!(serde_json::from_str::<SessionId>(&written).ok(), parsed.as_ref().ok().copied());
    let Ok(id) = parsed else { return };
    assert_eq!(id.to_string(), text.to_ascii_lowercase());
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(serde_json::to_string(&id).ok(), Some(format!("\"{id}\"")));
    assert!(!id.as_uuid().is_nil());
});
