//! How much each of many clients takes, kept in as much memory as there is, and no more: [`Meter`].

use std::{
    hash::{BuildHasher as _, Hash, RandomState},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How many rows of cells there are. A client has one cell in each.
const ROWS: usize = 4;

/// How many cells a row has: as many as a quarter of a hash may name.
const WIDTH: usize = 1 << 14;

/// A rate limit for clients of whom there may be any number: each may take so much at once, and then some more after each pause.
///
/// Half a megabyte, however many there are, and nothing of a client is kept: a count-min sketch. A client is counted in one cell of
/// each row, and the cell that says least is believed, so that it is never told to have taken less than it has. Who shares
/// all four cells with clients that take too much is refused with them: of 1,000 such clients at once, one in 70,000 others is.
pub(crate) struct Meter {
    /// Has a secret of its own, so that nobody can aim at the cells of another.
    hasher: RandomState,
    began: Instant,
    /// Until when that which was taken counts, in microseconds after the beginning. Row after row.
    cells: Mutex<Vec<u64>>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self { hasher: RandomState::new(), began: Instant::now(), cells: Mutex::new(vec![0; ROWS * WIDTH]) }
    }

    /// Counts one more for this client: each counts for a pause, and `burst` of them may count at once.
    ///
    /// Fails, and tells after how long it would not, if as much counts as may.
    pub(crate) fn take(&self, client: impl Hash, burst: u32, pause: Duration) -> Result<(), Duration> {
        let now = micros(self.began.elapsed());
        let places = self.places(client);
        let mut cells = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let counts_until = places.map(|place| cells[place]).into_iter().min().unwrap_or_default();
        let until = counts_until.max(now).saturating_add(micros(pause));
        let bound = now.saturating_add(micros(pause.saturating_mul(burst.max(1))));
        if until > bound {
            return Err(Duration::from_micros(until - bound));
        }
        for place in places {
            cells[place] = cells[place].max(until);
        }
        Ok(())
    }

    /// The client's cell of each row.
    fn places(&self, client: impl Hash) -> [usize; ROWS] {
        let hash = self.hasher.hash_one(client).to_le_bytes();
        std::array::from_fn(|row| {
            let quarter = u16::from_le_bytes([hash[2 * row], hash[2 * row + 1]]);
            row * WIDTH + usize::from(quarter) % WIDTH
        })
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const PAUSE: Duration = Duration::from_secs(1);

    fn taken(meter: &Meter, client: u32, of: u32) -> usize {
        (0..of).filter(|_| meter.take(client, 3, PAUSE).is_ok()).count()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_taken_and_then_one_each_pause() {
        let meter = Meter::new();
        assert_eq!((taken(&meter, 1, 100), taken(&meter, 2, 1)), (3, 1));
        assert_eq!(meter.take(1, 3, PAUSE), Err(PAUSE));
        advance(PAUSE).await;
        assert_eq!(taken(&meter, 1, 100), 1);
        advance(PAUSE * 60).await;
        assert_eq!(taken(&meter, 1, 100), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_thousand_floods_refuse_next_to_nobody_else_and_none_of_them_takes_more_than_its_share() {
        let meter = Meter::new();
        for flood in 0..1_000 {
            assert!(taken(&meter, flood, 10) <= 3);
        }
        let refused = (1_000..11_000).filter(|other| taken(&meter, *other, 1) == 0).count();
        // Mostly none is.
        assert!(refused <= 5, "{refused}");
    }
}
