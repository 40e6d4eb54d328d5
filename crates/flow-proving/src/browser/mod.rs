//! A real browser, for what only one can show: [`Browser`].

mod accessibility;
mod heard;
mod looks;
mod page;
mod program;
mod usable;
mod wire;

use std::sync::Arc;

use serde_json::json;

use self::{program::Program, wire::Wire};

pub use self::{
    accessibility::AccessibleNode,
    looks::{Looks, Theme},
    page::Page,
};

/// A headless Chromium with a profile of its own, which is gone with everything that it has started when this is dropped or
/// the process that started it ends.
pub struct Browser {
    wire: Arc<Wire>,
    // Kept for its end.
    _program: Program,
}

impl Browser {
    /// A browser that has seen nothing yet.
    ///
    /// Panics if Chromium is not installed, or does not start.
    pub async fn start() -> Self {
        let (program, to_browser, from_browser) = Program::start();
        let wire = Wire::over(to_browser, from_browser);
        let version = wire.call(None, "Browser.getVersion", json!({})).await;
        assert!(version.is_ok(), "the browser does not answer: {}", program.words());
        Self { wire, _program: program }
    }

    /// A tab that shows the page at `url`, once it is loaded. All tabs of a browser share what it keeps for a server.
    pub async fn open(&self, url: &str) -> Page {
        let page = Page::in_tab_of(&self.wire).await;
        page.go_to(url).await;
        page
    }

    /// A tab in which nothing has been opened, for a page that is to be met with looks of a kind, or without a network.
    pub async fn blank(&self) -> Page {
        Page::in_tab_of(&self.wire).await
    }
}
