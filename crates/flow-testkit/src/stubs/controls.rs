//! How every stub is handled in the same way: [`controls`].

/// Gives a stub, which has a `desk()` with a `stage`, and `pending()` of such things, what all stubs have.
macro_rules! controls {
    ($stub:ident, $things:literal) => {
        impl $stub {
            /// What goes wrong from now on.
            pub fn faults(&self) -> &$crate::stubs::Faults {
                &self.desk().stage.faults
            }

            /// How long each message took to the bot, and the reply back.
            pub fn trips(&self) -> Vec<$crate::stubs::Trip> {
                self.desk().stage.trips.all()
            }

            /// Waits until the bot has taken all that has happened so far, or the platform gave it up.
            ///
            /// Panics if that takes longer than ten seconds.
            pub async fn settles(&self) {
                let settled = async {
                    while self.pending() > 0 {
                        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
                    }
                };
                let in_time = tokio::time::timeout(std::time::Duration::from_secs(10), settled).await;
                assert!(in_time.is_ok(), "{} {} wait, and the bot does not take them", self.pending(), $things);
            }

            /// Sets how many times as fast it waits between deliveries: at 60, a minute is a second. What passes by the time that the
            /// platform keeps something passes as much sooner.
            pub fn set_speed(&self, times: f64) {
                self.desk().stage.set_speed(times);
            }

            /// Keeps this many messages of a chat, and as many calls: for a load that runs for long. A thousand unless set.
            pub fn keeps(&self, messages: usize) {
                self.desk().stage.keep(messages);
            }
        }

        impl std::fmt::Debug for $stub {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($stub)).field("address", &self.address()).finish_non_exhaustive()
            }
        }
    };
}

pub(super) use controls;
