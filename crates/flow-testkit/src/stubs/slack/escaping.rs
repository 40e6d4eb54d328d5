//! `&`, `<` and `>`, which Slack writes as entities in texts.

/// As Slack writes what a visitor typed.
pub(super) fn done(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// As a visitor reads it.
pub(super) fn undone(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
