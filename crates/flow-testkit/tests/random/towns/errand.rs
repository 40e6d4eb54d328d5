//! The flow that is talked with in a town: [`Errand`], with an end, reminders, checkpoints, and two kinds of effects.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use flow_core::{
    Armed, Cause, Choice, Flow, Halt, Key, Opening, RemindExt, Reply, Result, State, Step, StepExt, Transition, Turn,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

use super::{bank::Bank, door::Door, mail::Mail};
use crate::conversation::Dice;

#[derive(Flow, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[flow(name = "errand", shared = Said, effects(Note(String), Parcel(String)))]
pub(crate) enum Errand {
    #[state(start, ask = "Where to?", handled, to(Hill, Over))]
    Home,
    #[state(ask = "On the hill.", handled, checkpoint, remind(Bell), to(Hill, Home, Over))]
    Hill { walked: u32 },
    #[state(end, say = "Good night.")]
    Over,
}

pub(crate) use errand::*;

/// What was said in this conversation, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) words: Vec<String>,
    /// The receipts of what was charged for some of them.
    #[serde(default)]
    pub(crate) charges: BTreeMap<String, u64>,
}

/// Takes the turns of one machine. Now and then it is slow, fails, or panics.
pub(crate) struct Walker {
    pub(crate) dice: Arc<Dice>,
    pub(crate) mail: Arc<Mail>,
    pub(crate) door: Arc<Door>,
    pub(crate) bank: Arc<Bank>,
    /// Whether it asks again for what is kept.
    pub(crate) asks_again: bool,
    pub(crate) moods: bool,
}

impl Walker {
    async fn thinks(&self) -> Result<()> {
        if self.mail.is_calm() {
            return Ok(());
        }
        match self.dice.below(if self.moods { 24 } else { 8 }) {
            // Beyond the deadline of a handler, or of the turn, in some towns.
            22 | 23 => sleep(Duration::from_millis(self.dice.below(4_000))).await,
            21 => Err(Halt::failed("the walker has lost the way"))?,
            20 => panic!("the walker has fallen"),
            0..=3 => sleep(Duration::from_millis(self.dice.below(150))).await,
            _ => {}
        }
        Ok(())
    }

    /// The hill with a bell that rings there some time after.
    fn with_a_bell(&self, hill: Hill) -> Armed<Hill> {
        hill.remind_in(Duration::from_millis(self.dice.below(4_000)), HillReminder::Bell)
    }

    async fn hears<S: State<Flow = Errand>>(&self, turn: &mut Turn<'_, S>) -> Result<String> {
        let word = turn.text().to_owned();
        self.thinks().await?;
        // A button says the same whenever it is pressed, and a charge is known by its word.
        if visit_of(&word).is_none() && self.dice.below(3) == 0 {
            let kept = self.bank.charge(turn, &word).await?;
            let receipt = if self.asks_again { self.bank.charge_again(kept) } else { kept };
            turn.shared_mut().charges.insert(word.clone(), receipt);
            self.thinks().await?;
        }
        turn.shared_mut().words.push(word.clone());
        Ok(word)
    }
}

impl ErrandHandler for Walker {
    async fn on_open(&self, opening: &mut Opening<'_, Errand>) -> Result<()> {
        self.thinks().await?;
        let word = opening.input().said().unwrap_or_default().to_owned();
        // A button of a question that is over says nothing.
        if !word.is_empty() {
            opening.shared_mut().words.push(word);
        }
        Ok(())
    }

    async fn home(&self, state: Home, mut turn: Turn<'_, Home>) -> Step<Home> {
        let word = self.hears(&mut turn).await?;
        let (here, next) = questions(turn.history());
        match self.dice.below(8) {
            0 => turn.to(Over).say(next).effect(ErrandEffect::Note(word)),
            1..=2 => turn.stay(here).effect(ErrandEffect::Parcel(word)),
            _ => turn.to(self.with_a_bell(state.hill(1))).say(next).effect(ErrandEffect::Note(word)),
        }
    }

    async fn hill(&self, state: Hill, mut turn: Turn<'_, Hill>) -> Step<Hill> {
        let word = self.hears(&mut turn).await?;
        let (here, next) = questions(turn.history());
        match self.dice.below(8) {
            0 => turn.to(Over).effect(ErrandEffect::Note(word)),
            1 => turn.to(Home).say(next).effect(ErrandEffect::Parcel(word)),
            2..=3 => turn.to(self.with_a_bell(Hill { walked: state.walked + 1 })).effect(ErrandEffect::Note(word)),
            4..=6 => turn.stay(here).effect(ErrandEffect::Note(word.clone())).effect(ErrandEffect::Parcel(word)),
            _ => turn.stay("It is high."),
        }
    }

    async fn hill_on_bell(&self, _: Hill, mut turn: Turn<'_, Hill>) -> Step<Hill> {
        self.thinks().await?;
        let word = format!("{BELL}{}", turn.shared().words.len());
        turn.shared_mut().words.push(word.clone());
        turn.stay(word)
    }

    async fn deliver_note(&self, note: String, key: Key) -> Result<()> {
        self.mail.deliver(&self.door, "note", key, note).await.map_err(Halt::failed)
    }

    async fn deliver_parcel(&self, parcel: String, key: Key) -> Result<()> {
        self.mail.deliver(&self.door, "parcel", key, parcel).await.map_err(Halt::failed)
    }
}

/// Something with a button, of the question that is asked now and of the next one. What they send tells which question that is.
fn questions(history: &[Transition]) -> (Reply, Reply) {
    let enters = |step: &&Transition| !stands(step.by);
    let visit = history.iter().filter(enters).count();
    let with_a_button =
        |visit: usize| Reply::new("Well?").with_choices([Choice::new("Go on", format!("{PRESS}{visit}"))]);
    (with_a_button(visit), with_a_button(visit + 1))
}

/// Whether the session stands where it stood after such a step.
fn stands(by: Cause) -> bool {
    use Cause::{Dismissed, Lapsed, Paused, Resumed, Retried, Spoken, Unanswered, Unpaused};
    matches!(by, Lapsed | Resumed | Retried | Dismissed | Paused | Unanswered | Spoken | Unpaused)
}

/// How that begins.
const PRESS: &str = "press of ";

/// Of which question this is the button, if it is one's.
pub(crate) fn visit_of(word: &str) -> Option<usize> {
    word.strip_prefix(PRESS)?.parse().ok()
}

/// How the words of a bell begin.
pub(crate) const BELL: &str = "bell after ";
