//! Each record of a session follows from the one before it.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use flow_core::SessionId;

use crate::towns::{
    errand::{BELL, visit_of},
    evidence::Evidence,
    machine::TURN,
    mail::Sent,
    operator::Deed as Ordered,
    plan::Trouble,
    promises::charges::a_turn_goes_by_what_was_kept,
    sight::{CHANNEL, Sight, Step, Thing},
    truth::{Deed, What},
};

/// By how much a drifting clock may mistake the time that passes while a turn is decided.
const DRIFT: TimeDelta = TimeDelta::milliseconds(50);

/// For how long an engine goes on from what it heard. That time passes here, while a store's clock that was set back stands still.
const HEARD: TimeDelta = TimeDelta::seconds(30);

/// What a session has come to.
#[derive(Clone, Default)]
struct Life {
    before: Option<Sight>,
    /// What was heard, in all conversations since it began.
    heard: HashSet<String>,
    /// Whether it is no longer known what came before.
    has_lost: bool,
    /// What it was before its last write.
    parent: Option<Box<Life>>,
}

/// Walks through everything that was done.
pub(crate) fn each_follows_from_the_one_before(evidence: &Evidence) -> Result<(), String> {
    let mut lives = BTreeMap::<SessionId, Life>::new();
    for (number, deed) in evidence.deeds.iter().enumerate() {
        let life = lives.entry(deed.id).or_default();
        let followed = match &deed.what {
            What::Wrote(sight) => life.goes_on_or_again(evidence, number, deed, sight),
            What::Removed | What::Forgotten => {
                *life = Life { has_lost: true, ..Life::default() };
                Ok(())
            }
            What::LostTail(sight) => {
                let heard = sight.words.iter().cloned().collect();
                *life = Life { before: Some((**sight).clone()), heard, has_lost: true, parent: None };
                Ok(())
            }
            What::Posted(_) => Ok(()),
            What::Broke(broken) => Err(broken.clone()),
        };
        followed.map_err(|broken| format!("at {number}, of {}: {broken}", deed.id))?;
    }
    Ok(())
}

impl Life {
    /// Goes on. A turn whose write had no answer may have been taken again in memory; then its first write never was, and nothing
    /// that it decided was told.
    fn goes_on_or_again(
        &mut self,
        evidence: &Evidence,
        number: usize,
        deed: &Deed,
        sight: &Sight,
    ) -> Result<(), String> {
        let parent = self.clone();
        let goes_on = self.goes_on(evidence, number, deed, sight);
        let again = parent.parent.clone().filter(|_| goes_on.is_err() && evidence.plan.goes_on_in_memory());
        if let (Some(mut again), Some(first)) = (again, &parent.before)
            && !again.has_told(evidence, number, first)
            && again.goes_on(evidence, number, deed, sight).is_ok()
        {
            *self = *again;
            return Ok(());
        }
        // Of what was before it no more is asked for.
        self.parent = Some(Box::new(Self { parent: None, ..parent }));
        goes_on
    }

    /// Whether anything was told that this record promises, and this life does not. Where tails are lost the record may be there
    /// again later, and is then as good as any.
    fn has_told(&self, evidence: &Evidence, number: usize, sight: &Sight) -> bool {
        let may_be_again = evidence.plan.has(Trouble::LostTails);
        let is_told = |sent: &Sent| sent.after <= number || !may_be_again;
        let known = |thing: &Thing| self.before.as_ref().is_some_and(|before| before.pending.contains(thing));
        let mut new = sight.pending.iter().filter(|thing| !known(thing));
        new.any(|thing| evidence.sent.iter().any(|sent| sent.key == thing.key && is_told(sent)))
    }

    fn goes_on(&mut self, evidence: &Evidence, number: usize, deed: &Deed, sight: &Sight) -> Result<(), String> {
        if let Some(before) = &self.before {
            history_grows(before, sight)?;
            a_turn_goes_by_what_was_kept(before, sight)?;
            a_pause_is_kept(evidence, before, deed, sight)?;
            no_expiry_is_early(evidence, before, deed, sight)?;
            no_timer_is_early(evidence, before, deed, sight)?;
            nothing_is_struck_off_unheard(evidence, number, before, deed, sight)?;
        }
        self.each_word_is_heard_once(evidence, deed, sight)?;
        if let Some(before) = &self.before {
            no_button_answers_another_question(before, sight)?;
        }
        self.before = Some(sight.clone());
        Ok(())
    }

    /// The words are those of before and new ones, which were said in this session and not heard before.
    fn each_word_is_heard_once(&mut self, evidence: &Evidence, deed: &Deed, sight: &Sight) -> Result<(), String> {
        let known = match &self.before {
            Some(before) if sight.words.starts_with(&before.words) => before.words.len(),
            Some(before) if !new_steps(before, sight).iter().any(Step::begins) => {
                return Err(format!("the words {:?} became {:?}", before.words, sight.words));
            }
            // It began again, or the archive has more of it.
            _ => 0,
        };
        let was_said = |word: &str| evidence.messages.iter().any(|said| said.id == deed.id && said.word == word);
        for word in &sight.words[known..] {
            if word.starts_with(BELL) || visit_of(word).is_some() {
                continue;
            }
            if !was_said(word) {
                return Err(format!("{word} was never said there"));
            }
            let is_new = self.heard.insert(word.clone());
            let may_come_again = self.before.is_none() && self.has_lost;
            if !is_new && !may_come_again {
                return Err(format!("{word} was heard twice"));
            }
        }
        Ok(())
    }
}

fn new_steps<'s>(before: &Sight, sight: &'s Sight) -> &'s [Step] {
    sight.steps.get(before.steps.len()..).unwrap_or_default()
}

/// A later record has a higher version, and all steps of the one before.
fn history_grows(before: &Sight, sight: &Sight) -> Result<(), String> {
    let grows = sight.version > before.version && sight.steps.starts_with(&before.steps);
    if grows { Ok(()) } else { Err(format!("the history {before:?} became {sight:?}")) }
}

/// In a pause no handler runs: nothing is heard, no bell rings, and each message is a step that leaves it to a person, until a
/// step ends the pause or a conversation begins anew. Once its time has passed, the bot takes turns again; one that fails leaves the
/// ending of the pause to the next.
fn a_pause_is_kept(evidence: &Evidence, before: &Sight, deed: &Deed, sight: &Sight) -> Result<(), String> {
    let steps = new_steps(before, sight);
    if !before.is_paused || steps.iter().any(|step| step.begins() || step.unpauses()) {
        return Ok(());
    }
    if !sight.is_paused || sight.words != before.words {
        return Err(format!("the bot took a turn in a pause: {before:?} became {sight:?}"));
    }
    if before.paused_until.is_some_and(|until| has_come(evidence, until, deed.at)) {
        return Ok(());
    }
    let left = steps.iter().filter(|step| step.is_unanswered()).count();
    if before.remembered() + left != sight.remembered() {
        return Err(format!("{left} messages were left to a person in a pause: {before:?} became {sight:?}"));
    }
    Ok(())
}

/// Whether this time has come, but for what a clock that drifts may gain.
fn has_come(evidence: &Evidence, time: DateTime<Utc>, at: DateTime<Utc>) -> bool {
    time <= at + if evidence.plan.has(Trouble::StoreClock) { HEARD } else { DRIFT }
}

/// An expiry is told when its time has come by the store's time, and not by a machine whose clock is far from that.
fn no_expiry_is_early(evidence: &Evidence, before: &Sight, deed: &Deed, sight: &Sight) -> Result<(), String> {
    let is_told = new_steps(before, sight).iter().any(Step::tells_expiry);
    if !is_told || before.has_lapsed || evidence.plan.goes_on_in_memory() {
        return Ok(());
    }
    if before.expires_at.is_none_or(|expires_at| !has_come(evidence, expires_at, deed.at)) {
        return Err(format!("it was declared expired at {}, and is so at {:?}", deed.at, before.expires_at));
    }
    match deed.apart {
        Some(since) if deed.when - since > 2 * TURN => {
            Err(format!("it was declared expired by a machine whose clock is apart since {:?}", deed.when - since))
        }
        _ => Ok(()),
    }
}

/// A bell rings when its time has come by the store's time.
fn no_timer_is_early(evidence: &Evidence, before: &Sight, deed: &Deed, sight: &Sight) -> Result<(), String> {
    let rings = sight.words.len() > before.words.len() && sight.words[before.words.len()].starts_with(BELL);
    // More than one turn was handed back together.
    if !rings || sight.version > before.version + 1 {
        return Ok(());
    }
    match before.timer {
        Some(timer) if has_come(evidence, timer, deed.at) => Ok(()),
        timer => Err(format!("the bell rang at {}, and was set to {timer:?}", deed.at)),
    }
}

/// A button that was heard is one of the question that was asked by then.
fn no_button_answers_another_question(before: &Sight, sight: &Sight) -> Result<(), String> {
    // More than one turn was handed back together.
    if sight.version > before.version + 1 {
        return Ok(());
    }
    let is_new = sight.words.strip_prefix(&*before.words).unwrap_or(&sight.words);
    match is_new.iter().find(|word| visit_of(word).is_some_and(|visit| visit != before.visit())) {
        Some(word) => Err(format!("{word} was pressed, and answered the question {}", before.visit())),
        None => Ok(()),
    }
}

/// What is no longer to be delivered was delivered, or given up by an operator; what is set aside is still there.
fn nothing_is_struck_off_unheard(
    evidence: &Evidence,
    number: usize,
    before: &Sight,
    deed: &Deed,
    sight: &Sight,
) -> Result<(), String> {
    let id = deed.id;
    let is_there = |thing: &Thing| sight.pending.contains(thing) || sight.set_aside.contains(thing);
    let was_taken = |thing: &Thing| {
        evidence.sent.iter().any(|sent| sent.key == thing.key && sent.taken.is_some_and(|taken| taken <= number))
    };
    let is_dismissed = evidence
        .orders
        .iter()
        .any(|order| order.id == deed.id && order.deed == Ordered::Dismiss && order.began <= number);
    // Accepted again, it waits in the inbox.
    let was_posted = |thing: &Thing| {
        let is_it =
            |deed: &Deed| deed.id == id && matches!(&deed.what, What::Posted(message) if *message == thing.what);
        thing.came_in() && evidence.deeds[..number].iter().any(is_it)
    };
    let was_taken = |thing: &Thing| was_taken(thing) || was_posted(thing);
    let gone = before.pending.iter().chain(&before.set_aside).filter(|thing| !is_there(thing) && !was_taken(thing));
    // Replies that cannot be sent make room for each other: in several turns at once, where they come back from memory together.
    let replies_aside = |sight: &Sight| sight.set_aside.iter().filter(|thing| thing.to == CHANNEL).count();
    let made_room = |thing: &Thing| thing.to == CHANNEL && replies_aside(sight) >= evidence.plan.undelivered;
    let may_go = |thing: &Thing| made_room(thing) || is_dismissed && before.set_aside.contains(thing);
    let mut unheard = gone.filter(|thing| !may_go(thing));
    match unheard.next() {
        Some(thing) => Err(format!("{thing:?} was struck off and never delivered")),
        None => Ok(()),
    }
}
