//! A turn with nothing left to decide: [`Planned`].

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use super::{
    draft::{Draft, Takers},
    mail::Mail,
    request::{Stop, TurnRequest},
};
use crate::{
    Flow, Key, Session, Stamp,
    clock::after,
    engine::{
        Durability,
        channels::Channels,
        error::EngineError,
        keeper::{GivenUp, Keeper, Oversize},
        ledger::Sent,
        outcome::Outcome,
        policies::Backlog,
        settings::{Settings, later},
        tray::Tray,
    },
    session::{Claim, TurnId},
    store::{Commit, Expect},
};

/// A turn that only waits for its commit.
pub(super) struct Planned<F: Flow> {
    pub(super) session: Session<F>,
    pub(super) outcome: Outcome<F>,
    /// The last turn of the session before this one. One that begins follows none: then this is its own stamp.
    follows: Stamp,
    expect: Expect,
    takers: Takers,
    /// Whether it puts the expiry off.
    renews: bool,
    /// What it sets aside for want of room.
    pub(super) set_aside: Vec<Key>,
    /// How many messages it forgets before their time, for want of room.
    pub(super) forgotten_ids: u64,
    /// How much of what was said in it could not be written.
    said_lost: usize,
    now: DateTime<Utc>,
    /// When it was `now`.
    began: Instant,
}

/// What came of deciding a turn.
pub(super) type Decided<F> = Result<Box<Planned<F>>, Stop>;

/// A turn that is written as a record.
pub(super) struct Written {
    pub(super) commit: Commit,
    /// What a worker of this process is to deliver of what it leaves.
    pub(super) claims: Vec<Claim>,
    /// What is not kept, or no longer.
    pub(super) given_up: GivenUp,
}

impl<F: Flow> Draft<F> {
    /// Ends the deciding: renews the expiry, remembers the message. It was the draft's `now` when the turn `began`.
    pub(super) fn finish(
        mut self,
        turn: &TurnId,
        mail: Option<&Mail>,
        began: Instant,
        settings: &Settings,
    ) -> Box<Planned<F>> {
        self.replies.retain(|reply| !reply.is_silence());
        let session = &mut self.session;
        if self.renews {
            session.expire_at(renewed(session, settings));
        }
        session.bind(&mut self.replies);
        // No sender repeats a message under an id of ours, and so none hears its replies again; a button may be pressed again.
        let may_come_again = matches!(turn, TurnId::Given(_)) || session.is_led_by_button();
        let remembered = if may_come_again { &*self.replies } else { &[] };
        let limits = &settings.limits;
        let most = limits.remembered_messages.max(1);
        let mut forgotten_ids = 0;
        if let Some(mail) = mail {
            session.forget_tries();
            if mail.may_be_posted() {
                // The handler may have taken long.
                session.go_on_with_letters(after(self.now, began.elapsed()));
            }
            for turn in &mail.also {
                forgotten_ids += session.remember(turn.clone(), &[], most, self.now, limits.memory());
            }
        }
        forgotten_ids += session.remember(turn.clone(), remembered, most, self.now, limits.memory());
        let outcome = Outcome {
            session: session.id(),
            state: Some(session.state().copy()),
            inside: session.standing_inside(),
            version: session.stamp().version,
            replies: self.replies,
            transitions: self.transitions,
            checkpoints: self.checkpoints,
            opened: self.opened,
            resumed: self.resumed,
            lost_turns: 0,
            damage: None,
            kind: self.kind,
            durability: Durability::Stored,
        };
        let (follows, expect, takers, renews) = (session.last_turn(), self.expect, self.takers, self.renews);
        let (set_aside, now, said_lost) = (Vec::new(), self.now, self.said_lost);
        // On the heap: it is held while it is written, beside another that was lost.
        Box::new(Planned {
            session: self.session,
            outcome,
            follows,
            expect,
            takers,
            renews,
            set_aside,
            forgotten_ids,
            said_lost,
            now,
            began,
        })
    }
}

impl<F: Flow> Planned<F> {
    /// Whether what is stored now differs from what the turn began from by no turn, so that it stands as it was decided.
    pub(super) fn stands_on(&self, stored: &Session<F>, request: &TurnRequest<'_, F>) -> bool {
        let is_still_asked_for = match request {
            TurnRequest::Message(_)
            | TurnRequest::Mail(_)
            | TurnRequest::Operator(_)
            | TurnRequest::Undeliverable(_)
            | TurnRequest::Receipt(_) => true,
            TurnRequest::Timer(timer) => stored.runs(timer),
            // It costs nothing to decide again.
            TurnRequest::Unpause | TurnRequest::Lapse => false,
        };
        is_still_asked_for && self.follows == stored.last_turn()
    }

    /// The same of what is there for this turn: no session is, in a place for one.
    pub(super) fn can_stand_on(&self, ground: &Session<F>, request: &TurnRequest<'_, F>) -> bool {
        ground.is_place() || self.stands_on(ground, request)
    }

    /// The same turn on what is stored now, without asking the handler again.
    pub(super) fn put_on(self, stored: Session<F>, settings: &Settings) -> Box<Self> {
        let (before, expect) = (self.session.stamp(), Expect::At(stored.prefix()));
        let (is_place, expires_at) = (stored.is_place(), stored.expires_at());
        let mut session = if is_place {
            self.session.put_over(stored)
        } else {
            self.session.put_on(stored, &self.outcome.transitions)
        };
        // Its expiry may have been put off meanwhile, or changed. Of a conversation that begins, nothing of before counts.
        if self.outcome.opened.is_none() && !is_place {
            session.expire_at(if self.renews { later(renewed(&session, settings), expires_at) } else { expires_at });
        }
        let mut outcome = self.outcome;
        outcome.version = session.stamp().version;
        // Under its first stamp nothing was stored, and nothing told.
        for key in outcome.checkpoints.iter_mut().filter(|key| key.stamp == before) {
            key.stamp = session.stamp();
        }
        Box::new(Self { session, outcome, expect, ..self })
    }

    /// Writes it as a record: strikes off what was `sent` since, bounds what grows, and claims what it leaves if a worker of this
    /// process is to deliver it.
    ///
    /// Fails if the record would be too large, could not be read back, or would hold too much that is undelivered.
    pub(super) fn write(
        &mut self,
        settings: &Settings,
        keeper: &Keeper<F>,
        tray: &Tray<F>,
        channels: &Channels<F>,
        sent: &[Arc<Sent>],
    ) -> Result<Written, EngineError> {
        let (takers, session, limits) = (self.takers, &mut self.session, &settings.limits);
        session.is_decided();
        for sent in sent {
            session.strike_off(&sent.claim, &sent.delivered, None);
        }
        session.forget_errands(self.now);
        let is_archived = takers.archive || session.is_archived();
        session.tell_expiry(takers.expiries || is_archived);
        if is_archived {
            session.archive_by(after(self.now, settings.archival.interval));
        }
        session.cut_history(limits.history, is_archived);
        let forgotten_replies = session.bound_replies_aside(limits.undelivered);
        match settings.backlog {
            Backlog::Fail if session.is_overfull(limits.undelivered) => {
                return Err(EngineError::Backlog { limit: limits.undelivered });
            }
            Backlog::Fail => {}
            Backlog::SetAside => self.set_aside = session.set_surplus_aside(limits.undelivered, self.now),
        }
        let uncollected = keeper.lay_out(session);
        // The handler may have taken long: the claim has all of its time from the commit on, and a worker of this process may have
        // begun or ended meanwhile.
        let claim_ends = self.began.elapsed().saturating_add(settings.deadlines.claim());
        let claim_ends = after(self.now, claim_ends).unwrap_or(self.now);
        let claims = if takers.worker && tray.has_room() {
            session.claim_first_tries(claim_ends, |to| tray.takes(to) && channels.rest_of(to).is_none())
        } else {
            Vec::new()
        };
        // What is new behind a channel that rests waits with it, without a look of a worker.
        session.put_new_off(|to| after(self.now, channels.rest_of(to)?));
        let beyond_bound = settings.said.as_ref().map_or(0, |said| session.bound_said(said.bound(self.now)));
        let (commit, mut given_up) = keeper.commit_with_room(session, self.expect, self.now, Oversize::Refused)?;
        given_up.said += self.said_lost + beyond_bound;
        given_up.replies += forgotten_replies;
        given_up.uncollected += uncollected;
        Ok(Written { commit, claims, given_up })
    }
}

/// When the session expires, as this turn renews it.
fn renewed<F: Flow>(session: &Session<F>, settings: &Settings) -> Option<DateTime<Utc>> {
    settings.expiry.expires_at(session.own_idle(), session.created_at(), session.updated_at())
}
