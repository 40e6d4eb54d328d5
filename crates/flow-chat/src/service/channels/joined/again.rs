//! A platform that does not answer when the bot starts is asked again: [`until_it_is_up`].

use std::{future::Future, time::Duration};

use tokio::{select, sync::watch, time::sleep};

use super::Standing;

/// The first pause.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Brings a channel up, and says how it is. If it is not up at once it is tried again, with growing pauses, and nobody waits for it: as
/// long as what has begun it is there, of which `begun` tells.
pub(super) async fn until_it_is_up<O>(begun: &watch::Sender<()>, bring_up: impl Fn() -> O + Send + 'static) -> Standing
where
    O: Future<Output = Standing> + Send,
{
    let standing = bring_up().await;
    if standing.is_up() {
        return standing;
    }
    let mut begun = begun.subscribe();
    tokio::spawn(async move {
        let mut pause = PAUSE;
        loop {
            select! {
                _ = begun.changed() => return,
                () = sleep(pause) => {}
            }
            let standing = bring_up().await;
            if standing.is_up() {
                tracing::info!(channel = standing.channel(), "a channel that was not up is up");
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    });
    standing
}
