//! The work of a day, begun by the one process that has claimed it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::{select, time::sleep};
use tracing::{Instrument, info_span};
use uuid::Uuid;

use super::{
    Daily,
    board::{Board, Next},
};
use crate::{
    Flow,
    engine::{
        error::EngineError,
        following::{Archivist, CaughtUp},
        observer::Event,
        upkeep::Upkeep,
    },
};

/// The longest time between two looks: a clock may have been set meanwhile.
const LONGEST_WAIT: Duration = Duration::from_secs(15 * 60);

/// How often a look is begun anew because another process wrote first.
const ROUNDS: u32 = 8;

impl<F: Flow> Upkeep<F> {
    /// Does the work of each day, as long as the engine is there.
    pub(in crate::engine::upkeep) async fn work_daily(&self, daily: Option<Daily>) {
        let (Some(daily), Some(_)) = (daily, &self.archivist) else { return };
        let me = Uuid::new_v4();
        loop {
            // Processes that were started together do not look together.
            let wait = self.look_daily(&daily, me).await.mul_f64(1.0 + fastrand::f64() / 100.0);
            select! {
                biased;
                () = self.gate.closed() => return,
                () = sleep(wait) => {}
            }
        }
    }

    /// Does the work of the day if it is due and no other process does it. Tells when to look again.
    ///
    /// What it cannot do it says in the log, and leaves for later.
    pub(in crate::engine::upkeep) async fn look_daily(&self, daily: &Daily, me: Uuid) -> Duration {
        let looked = self.try_daily(daily, me).instrument(info_span!("daily", flow = F::GRAPH.name)).await;
        let wait = looked.unwrap_or_else(|error| {
            tracing::warn!(%error, "what is done once a day cannot be done now, and will be tried again");
            TimeDelta::minutes(10)
        });
        wait.to_std().unwrap_or_default().clamp(Duration::from_secs(1), LONGEST_WAIT)
    }

    async fn try_daily(&self, daily: &Daily, me: Uuid) -> Result<TimeDelta, EngineError> {
        let Some(archivist) = &self.archivist else { return Ok(TimeDelta::MAX) };
        for _ in 0..ROUNDS {
            if self.gate.is_closed() {
                break;
            }
            let found = self.keeper.read_beside::<Board>(Board::id(F::GRAPH.name)).await?;
            match Board::next(found.shared.as_ref(), daily, F::GRAPH.name, me, found.now) {
                Next::Wait(until) => return Ok(until - found.now),
                Next::Begin(day) => {
                    self.keeper.write_beside(&found, &Board::begun(day)).await?;
                }
                Next::Do(day) => {
                    let board = found.shared.clone().unwrap_or_else(|| Board::begun(day)).claimed(me, found.now);
                    if self.keeper.write_beside(&found, &board).await? {
                        self.do_day(archivist, daily, day, me).await?;
                    }
                }
            }
        }
        // Others are at it, or the engine shuts down.
        Ok(TimeDelta::minutes(1))
    }

    async fn do_day(
        &self,
        archivist: &Arc<Archivist<F>>,
        daily: &Daily,
        day: NaiveDate,
        me: Uuid,
    ) -> Result<(), EngineError> {
        let done = select! {
            biased;
            () = self.gate.closed() => Err(EngineError::ShuttingDown),
            done = self.work_of_a_day(archivist, daily) => done,
        };
        match &done {
            Ok(()) => self.note_daily(me, |board, _| board.done(day)).await?,
            Err(EngineError::ShuttingDown) => self.note_daily(me, |board, _| board.left()).await?,
            Err(_) => self.note_daily(me, Board::failed).await?,
        }
        match done {
            Err(EngineError::ShuttingDown) => Ok(()),
            done => done,
        }
    }

    async fn work_of_a_day(&self, archivist: &Arc<Archivist<F>>, daily: &Daily) -> Result<(), EngineError> {
        let caught_up = if daily.archives { archivist.catch_up_all(&self.gate).await? } else { CaughtUp::default() };
        // An age beyond the calendar: what was said is looked at, and no session is that old.
        let age = daily.purge.and_then(|age| TimeDelta::from_std(age).ok()).unwrap_or(TimeDelta::MAX);
        let purged = archivist.purge(age).await?;
        tracing::info!(
            archived = caught_up.archived,
            left = caught_up.left.len(),
            purged,
            "what is done once a day was done"
        );
        self.observers.happened(Event::Daily);
        Ok(())
    }

    /// Notes what became of the work, if it is still left to this process.
    async fn note_daily(&self, me: Uuid, change: impl Fn(Board, DateTime<Utc>) -> Board) -> Result<(), EngineError> {
        for _ in 0..ROUNDS {
            let found = self.keeper.read_beside::<Board>(Board::id(F::GRAPH.name)).await?;
            let Some(board) = found.shared.clone().filter(|board| board.is_of(me)) else { return Ok(()) };
            if self.keeper.write_beside(&found, &change(board, found.now)).await? {
                return Ok(());
            }
        }
        Ok(())
    }
}
