//! Bots on platforms that people have already: a [`Platform`], and the [`Line`] to it.

mod arrivals;
mod hook;
mod layout;
mod line;
mod pace;
mod part;
mod progress;
mod receipt;
mod room;
mod screen;
mod webhook;
mod words;

use async_trait::async_trait;
use flow_core::{
    Fate, Reply,
    engine::{Doubt, Found},
};

pub use arrivals::{Arrivals, Arrived};
pub use flow_core::engine::Became;
pub use hook::{Forged, Hook, Unreadable};
pub use line::Line;
pub(crate) use pace::{Bound, Waits};
pub use pace::{Pace, Rate};
pub use part::{Offer, Part};
pub use receipt::Receipt;
pub(crate) use room::Room;
pub use screen::{Counted, Screen};
pub(crate) use webhook::{Webhook, routes};

/// How one platform speaks: what stands in its requests, and what its messages look like.
///
/// That is all that a platform has to say. A [`Line`] does the rest: what arrives is verified, read and accepted, in this order, and
/// the platform is answered once it is stored; a reply is cut into what fits on the platform's [`Screen`] and sent part by part, in
/// order, and a part that was sent is not sent again because the next one failed.
///
/// ```
/// use async_trait::async_trait;
/// use flow_core::{Fate, Input, Secret};
/// use flow_http::platform::{Arrivals, Arrived, Forged, Hook, Part, Platform, Screen, Unreadable};
/// use serde::{Deserialize, Serialize};
///
/// /// Text messages, by way of somebody who has the antennas.
/// struct Pager {
///     key: Secret,
/// }
///
/// /// As it arrives.
/// #[derive(Deserialize)]
/// struct Page {
///     id: String,
///     number: String,
///     text: String,
/// }
///
/// /// As it is sent.
/// #[derive(Serialize)]
/// struct Outgoing {
///     text: String,
/// }
///
/// #[async_trait]
/// impl Platform for Pager {
///     // 160 letters, and nothing to press: choices become a numbered list.
///     const SCREEN: Screen = Screen::of_text(160);
///     type Wire = Outgoing;
///
///     fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
///         let tag = hook.header("x-pager-tag").ok_or(Forged::Unsigned)?;
///         let tag = tag.split(',').map(|byte| byte.parse()).collect::<Result<Vec<u8>, _>>().map_err(|_| Forged::Wrong)?;
///         if self.key.knows("pager", hook.body(), &tag) { Ok(()) } else { Err(Forged::Wrong) }
///     }
///
///     fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable> {
///         let page: Page = hook.json()?;
///         Ok(Arrivals::of([Arrived::new(page.number, Input::text(page.text).with_id(page.id))]))
///     }
///
///     fn render(&self, part: &Part<'_>) -> Outgoing {
///         Outgoing { text: part.text().to_owned() }
///     }
///
///     async fn send(&self, place: &str, wire: &Outgoing, key: &str) -> Result<(), Fate> {
///         // Here the platform is called: what it says to an idempotency key, to a blocked number and to a limit becomes a fate.
///         # let _ = (place, wire, key);
///         Ok(())
///     }
/// }
/// ```
#[async_trait]
pub trait Platform: Send + Sync + 'static {
    /// What can be shown, and how much of it.
    const SCREEN: Screen;

    /// The largest body of a request that the platform makes, in bytes. What is larger is refused before it is read. 256 KiB unless set.
    const LARGEST_REQUEST: usize = 256 * 1024;

    /// How fast it lets a bot send. As fast as it answers, unless set.
    const PACE: Pace = Pace::NONE;

    /// One message, as the platform is sent it.
    type Wire: Send + Sync;

    /// Whether a request comes from the platform, told by its bytes as they arrived: nothing of them is parsed before.
    ///
    /// Compared in constant time, and with the time that stands in the request if one does, so that none is played again. For an HMAC
    /// that the platform prescribes the `verify_slice` of the crate `hmac` does that;
    /// [`Secret::knows`](flow_core::Secret::knows) knows the tags of [`Secret::tag`](flow_core::Secret::tag) alone.
    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged>;

    /// What stands in a request that was [verified](Self::verify): messages, or what the platform asks only of its webhook.
    ///
    /// Each message has the id under which the platform delivers it, however often it does, so that a repeat is known. What the bot
    /// has no use for is left out. The platform delivers again what it is told cannot be read, so that is for what is broken, and
    /// not for what is new.
    fn read(&self, hook: &Hook<'_>) -> Result<Arrivals, Unreadable>;

    /// Whether several people are at this place, and it has the limit that a [`Pace`] has for groups. It is none, unless this is written.
    fn is_group(&self, place: &str) -> bool {
        let _ = place;
        false
    }

    /// The message that this part of a reply becomes. It fits: the [`Screen`] said what does.
    fn render(&self, part: &Part<'_>) -> Self::Wire;

    /// Sends one message to this place, under this key: the same however often it is sent.
    ///
    /// Of a reply of several messages the last has the key of the reply, and those before it have their place behind that. A platform
    /// that gives the key back with what it tells later of the message ([`Receipt`]) is given it.
    ///
    /// Fails with what is to become of it, as [`Channel::send`](flow_core::Channel::send) does.
    async fn send(&self, place: &str, wire: &Self::Wire, key: &str) -> Result<(), Fate>;

    /// Finds out whether the message of this key, which is in doubt, was sent to this place. Unless this is written, it is not known.
    async fn find_out(&self, place: &str, key: &str) -> Found {
        let _ = (place, key);
        Found::Unknown
    }

    /// What to do with a message in doubt of which it cannot be found out whether it was sent. Unless this is written, it is sent
    /// again.
    fn in_doubt(&self) -> Doubt {
        Doubt::SendAgain
    }

    /// Shows at this place that an answer is coming. Unless this is written, nothing is shown.
    async fn typing(&self, place: &str) {
        let _ = place;
    }
}

/// The messages that a reply becomes on this platform, in order: for a test that shows them.
pub fn rendered<P: Platform>(platform: &P, reply: &Reply) -> Vec<P::Wire> {
    layout::parts(&P::SCREEN, reply).iter().map(|part| platform.render(part)).collect()
}
