//! How a page looks, and to whom: [`Looks`].

use std::{env, fs, path::Path};

use serde_json::{Value, json};

use super::Page;

/// What a visitor's device and settings are.
///
/// ```
/// use flow_proving::{Looks, Theme};
///
/// let phone_at_night = Looks { theme: Theme::Dark, size: (390, 780), ..Looks::default() };
/// assert!(phone_at_night.still);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Looks {
    /// What the visitor prefers.
    pub theme: Theme,
    /// The size of the window.
    pub size: (u32, u32),
    /// How many points of a picture a point of the page has.
    pub scale: u32,
    /// Whether the visitor wants nothing to move.
    pub still: bool,
    /// Whether the visitor's own few colours stand in the place of the page's, as Windows' high contrast does it.
    pub forced_colours: bool,
}

impl Default for Looks {
    /// A wide window, light, in which nothing moves.
    fn default() -> Self {
        Self { theme: Theme::Light, size: (1000, 760), scale: 2, still: true, forced_colours: false }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Theme {
    Light,
    Dark,
}

impl Page {
    /// Shows the page as such a visitor sees it.
    pub async fn set_looks(&self, looks: Looks) {
        let theme = if looks.theme == Theme::Dark { "dark" } else { "light" };
        let motion = if looks.still { "reduce" } else { "no-preference" };
        let colours = if looks.forced_colours { "active" } else { "none" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": theme },
            { "name": "prefers-reduced-motion", "value": motion },
            { "name": "forced-colors", "value": colours },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).await;
        let (width, height) = looks.size;
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": looks.scale, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// The language that the visitor prefers: `de-DE`.
    pub async fn set_language(&self, language: &str) {
        let agent = self.evaluate("navigator.userAgent").await;
        let agent = json!({ "userAgent": agent, "acceptLanguage": language });
        self.call("Emulation.setUserAgentOverride", agent).await;
    }

    /// A picture of what is seen, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.captured(json!({ "format": "png" })).await
    }

    /// Puts a picture of what is seen into the folder that the variable `FLOW_PICTURES` names, if it is set: for people to look at.
    pub async fn keep_picture(&self, name: &str) {
        let Some(folder) = env::var_os("FLOW_PICTURES") else { return };
        let picture = self.screenshot().await;
        fs::write(Path::new(&folder).join(format!("{name}.png")), picture)
            .expect("a folder for pictures, by its whole path");
    }

    /// A picture of one element and of what is painted over it, as PNG: the same bytes if the same is seen.
    pub async fn picture_of(&self, element: &str) -> Vec<u8> {
        let place = "({ x, y, width, height }) => ({ x, y, width, height, scale: 1 })";
        let place = self.evaluate(&format!("({place})({element}.getBoundingClientRect())")).await;
        self.captured(json!({ "format": "png", "clip": place })).await
    }

    async fn captured(&self, what: Value) -> Vec<u8> {
        let picture = self.call("Page.captureScreenshot", what).await;
        from_base64(picture["data"].as_str().expect("a picture"))
    }
}

fn from_base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            _ => 63,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count).to_le_bytes()[0]);
        }
    }
    bytes
}

#[test]
fn base64_is_read_to_its_last_byte() {
    assert_eq!(from_base64("AA=="), [0]);
    assert_eq!(from_base64("Zm9vYg=="), b"foob");
    assert_eq!(from_base64("Zm9vYmE="), b"fooba");
    assert_eq!(from_base64("+/8A"), [0xfb, 0xff, 0x00]);
}
