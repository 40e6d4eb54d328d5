//! How many visitors come how far: tables with bars.

use std::{error::Error, fmt::Write as _};

use flow_chat::{Flow, Statistics};

use crate::flow::Booking;

/// What there is to see of an empty archive.
const NOTHING: &str =
    "nothing is archived yet: a talk is within a minute of its last word (`--archive-interval`), or when its chat ends";

/// The widest bar.
const WIDTH: f64 = 40.0;

/// How many conversations entered each state.
pub async fn funnel(statistics: &dyn Statistics) -> Result<String, Box<dyn Error>> {
    let rows = statistics.funnel(Booking::GRAPH.name).await?;
    if rows.is_empty() {
        return Ok(NOTHING.to_owned());
    }
    let mut table = format!("{:<16} {:>9} {:>7}\n", "state", "reached", "share");
    for row in rows {
        let (percent, bar) = (100.0 * row.share, bar(row.share));
        writeln!(table, "{:<16} {:>9} {percent:>6.1}% {bar}", row.state, row.reached)?;
    }
    Ok(table)
}

/// How many conversations were given up in each state.
pub async fn drop_off(statistics: &dyn Statistics) -> Result<String, Box<dyn Error>> {
    let rows = statistics.drop_off(Booking::GRAPH.name).await?;
    if rows.is_empty() {
        return Ok(NOTHING.to_owned());
    }
    let mut table = format!("{:<16} {:>9} {:>9} {:>9} {:>7}\n", "state", "reached", "given up", "open", "rate");
    for row in rows {
        let (percent, bar) = (100.0 * row.drop_rate, bar(row.drop_rate));
        writeln!(
            table,
            "{:<16} {:>9} {:>9} {:>9} {percent:>6.1}% {bar}",
            row.state, row.reached, row.lapsed, row.open
        )?;
    }
    Ok(table)
}

fn bar(share: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between nothing and the width")]
    let length = (share.clamp(0.0, 1.0) * WIDTH).round() as usize;
    "█".repeat(length)
}
