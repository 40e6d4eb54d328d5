//! What breaks one promise each, to show that it is found: [`Defect`].

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use flow_core::{
    Record, SessionId, Store, StoreError, Unreadable,
    store::{Claim, Commit, Cursor, Due, Expect, Loaded, Page, Post, Posted, Verdict},
};

use super::{
    evidence::Evidence,
    operator::{Deed as Ordered, Order},
    sight::Thing,
    truth::What,
};

/// What is wrong in a town.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// The store says that a write is in place, and has not written it.
    DropsWrites,
    /// The store writes, and says that it is away.
    WritesInSecret,
    /// The store takes a write whatever it expects.
    LetsStaleStampsThrough,
    /// The store tells a time that has not come yet.
    TellsLaterTimes,
    /// The store tells such a time now and then.
    TellsTwoTimes,
    /// The store says of a sound record that it is damaged.
    CallsItDamage,
    /// The engines declare expiries however far their clocks are from the store's.
    TrustsAnyClock,
    /// The engines remember the last messages alone.
    ForgetsMessages,
    /// The channel sends what a button stands for, and not its token.
    SendsPayloads,
    /// The store gives sessions to workers though others have them.
    ForgetsLeases,
    /// A record's bytes are changed, and its checksum too, so that they are taken as true.
    TakesDamageAsTrue,
    /// A key has no write id.
    NamesByVersion,
    /// Two deliveries change places.
    SwapsDeliveries,
    /// What is delivered was not.
    LosesDeliveries,
    /// What is delivered is delivered too early.
    DeliversTooEarly,
    /// The archive has lost a step.
    LosesSteps,
    /// A handler asks again for what is kept, and goes by that answer.
    AsksForWhatIsKept,
    /// The key of a question is that of the run.
    AsksByTheRun,
    /// An erasure is told to be done, and nothing is erased.
    ErasesNothing,
    /// The machines do not see that the bot is paused.
    ForgetsPauses,
    /// The store takes off the first letters, whichever were handled.
    TakesLettersByPlace,
    /// The store says that a letter waits, and has it not.
    LosesPosts,
    /// The store leaves a session with letters to one machine for years.
    LeavesLettersForYears,
    /// A message comes with the address of another.
    MistakesAddresses,
    /// The channel says that a reply is sent, and has not sent it.
    SendsNothing,
}

impl Defect {
    pub(crate) const ALL: [Self; 25] = [
        Self::DropsWrites,
        Self::WritesInSecret,
        Self::LetsStaleStampsThrough,
        Self::TellsLaterTimes,
        Self::TellsTwoTimes,
        Self::CallsItDamage,
        Self::TrustsAnyClock,
        Self::ForgetsMessages,
        Self::SendsPayloads,
        Self::ForgetsLeases,
        Self::TakesDamageAsTrue,
        Self::NamesByVersion,
        Self::SwapsDeliveries,
        Self::LosesDeliveries,
        Self::DeliversTooEarly,
        Self::LosesSteps,
        Self::AsksForWhatIsKept,
        Self::AsksByTheRun,
        Self::ErasesNothing,
        Self::ForgetsPauses,
        Self::TakesLettersByPlace,
        Self::LosesPosts,
        Self::LeavesLettersForYears,
        Self::MistakesAddresses,
        Self::SendsNothing,
    ];

    /// In which words it is found, in one town or another.
    pub(crate) fn found_as(self) -> &'static [&'static str] {
        match self {
            Self::DropsWrites => &["was told to be stored"],
            Self::WritesInSecret => &["was told not to be stored, and was"],
            Self::LetsStaleStampsThrough => &["the history", " became "],
            Self::TellsLaterTimes => &["the bell rang at", "was declared expired at"],
            Self::TellsTwoTimes => &["was delivered beside another"],
            Self::CallsItDamage => &["met damage"],
            Self::TrustsAnyClock => &["by a machine whose clock is apart"],
            Self::ForgetsMessages => &["was heard twice"],
            Self::SendsPayloads => &["was pressed, and answered the question"],
            Self::ForgetsLeases => &["on a lease"],
            Self::TakesDamageAsTrue => &["the words"],
            Self::NamesByVersion => &["stands for"],
            Self::SwapsDeliveries => &["was delivered after"],
            Self::LosesDeliveries | Self::SendsNothing => &["was struck off and never delivered"],
            Self::DeliversTooEarly => &["was delivered before it was stored"],
            Self::LosesSteps => &["is archived where 0 should be"],
            Self::AsksForWhatIsKept => &["was kept for it"],
            Self::AsksByTheRun => &["under two keys"],
            Self::ErasesNothing => &["was erased"],
            Self::ForgetsPauses => &["the bot took a turn in a pause"],
            Self::TakesLettersByPlace | Self::LosesPosts => &["was accepted, and never handled"],
            Self::LeavesLettersForYears => &["letters wait in"],
            Self::MistakesAddresses => &["was promised to another address"],
        }
    }
}

/// The store under the truth, broken or not.
pub(crate) fn broken_below(defect: Option<Defect>, store: Arc<dyn Store>) -> Arc<dyn Store> {
    match defect {
        Some(Defect::ForgetsLeases) => Arc::new(Broken::new(Defect::ForgetsLeases, store)),
        _ => store,
    }
}

/// What the machines see of the truth, broken or not.
pub(crate) fn broken_above(defect: Option<Defect>, store: Arc<dyn Store>) -> Arc<dyn Store> {
    match defect {
        Some(defect) if defect != Defect::ForgetsLeases => Arc::new(Broken::new(defect, store)),
        _ => store,
    }
}

/// Changes what was seen, as if it had happened.
pub(crate) fn tamper(defect: Option<Defect>, evidence: &mut Evidence) {
    let sent = &mut evidence.sent;
    match defect {
        Some(Defect::NamesByVersion) => {
            let things = evidence.deeds.iter_mut().filter_map(|deed| match &mut deed.what {
                What::Wrote(sight) => Some(sight.pending.iter_mut()),
                _ => None,
            });
            let keys = things.flatten().map(|thing: &mut Thing| &mut thing.key);
            for key in keys.chain(sent.iter_mut().map(|sent| &mut sent.key)) {
                *key = without_write_id(key);
            }
        }
        Some(Defect::SwapsDeliveries) => {
            let follows = |first: usize| {
                (first + 1..sent.len()).find(|next| {
                    (sent[*next].id, &sent[*next].to) == (sent[first].id, &sent[first].to)
                        && sent[*next].key != sent[first].key
                })
            };
            if let Some((first, next)) = (0..sent.len()).find_map(|first| Some((first, follows(first)?))) {
                sent.swap(first, next);
                // Both were stored by the later time.
                sent[first].after = sent[next].after.max(sent[first].after);
            }
        }
        Some(Defect::LosesDeliveries) => {
            if let Some(lost) = sent.iter().find(|sent| sent.taken.is_some()).map(|sent| sent.key.clone()) {
                sent.iter_mut().filter(|sent| sent.key == lost).for_each(|sent| sent.taken = None);
            }
        }
        Some(Defect::DeliversTooEarly) => sent.iter_mut().take(1).for_each(|sent| sent.after = 0),
        Some(Defect::AsksByTheRun) => {
            let charges = evidence.charges.iter_mut();
            charges.for_each(|charge| charge.key = format!("{}/{}", charge.key, charge.receipt));
        }
        Some(Defect::ErasesNothing) => {
            let (deed, began) = (Ordered::Erase, evidence.deeds.len());
            let ids: Vec<_> = evidence.messages.iter().map(|message| message.id).collect();
            evidence.orders.extend(ids.into_iter().map(|id| Order { id, deed, began, is_done: true }));
        }
        _ => {}
    }
}

fn without_write_id(key: &str) -> String {
    let mut parts = key.split('/');
    let (id, stamp, index) = (parts.next(), parts.next(), parts.next());
    let version = stamp.and_then(|stamp| stamp.split('-').next());
    [id, version, index].map(Option::unwrap_or_default).join("/")
}

/// A store that does it now and then.
#[derive(Debug)]
struct Broken {
    store: Arc<dyn Store>,
    defect: Defect,
    calls: AtomicUsize,
    given: Mutex<Vec<SessionId>>,
}

impl Broken {
    fn new(defect: Defect, store: Arc<dyn Store>) -> Self {
        Self { store, defect, calls: AtomicUsize::new(0), given: Mutex::default() }
    }

    fn now_and_then(&self) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed) % 7 == 6
    }
}

#[async_trait]
impl Store for Broken {
    async fn load(&self, id: SessionId, letters: usize) -> Result<Loaded, StoreError> {
        let mut loaded = self.store.load(id, letters).await?;
        match self.defect {
            Defect::TellsLaterTimes => loaded.now += TimeDelta::seconds(20),
            Defect::TellsTwoTimes if self.now_and_then() => loaded.now += TimeDelta::seconds(20),
            Defect::CallsItDamage if self.now_and_then() => return Err(Unreadable::NotARecord.into()),
            Defect::TakesDamageAsTrue if self.now_and_then() => loaded.record = loaded.record.as_ref().map(forged),
            Defect::ForgetsPauses => loaded.record = loaded.record.as_ref().map(awake),
            _ => {}
        }
        Ok(loaded)
    }

    async fn commit(&self, mut commit: Commit) -> Result<Verdict, StoreError> {
        match self.defect {
            Defect::DropsWrites if self.now_and_then() => return Ok(Verdict::Done { waiting: 0 }),
            Defect::TakesLettersByPlace if !commit.takes.is_empty() => {
                let waiting = self.store.load(commit.id, commit.takes.len()).await?.letters;
                commit.takes = waiting.iter().map(|letter| letter.name).collect();
            }
            Defect::LeavesLettersForYears => commit.while_waiting = commit.while_waiting.map(|_| YEARS),
            Defect::WritesInSecret if self.now_and_then() => {
                self.store.commit(commit).await?;
                return Err(StoreError::Full);
            }
            Defect::LetsStaleStampsThrough => {
                let stored = self.store.load(commit.id, 0).await?.record;
                commit.expect = stored.as_ref().map_or(Expect::Absent, |record| Expect::At(record.prefix()));
            }
            _ => {}
        }
        self.store.commit(commit).await
    }

    async fn post(&self, mut post: Post) -> Result<Posted, StoreError> {
        match self.defect {
            Defect::LosesPosts if self.now_and_then() => return Ok(Posted::Behind),
            Defect::LeavesLettersForYears => post.lease = YEARS,
            _ => {}
        }
        self.store.post(post).await
    }

    async fn remove(&self, id: SessionId) -> Result<bool, StoreError> {
        self.store.remove(id).await
    }

    async fn due(&self, claim: Claim) -> Result<Due, StoreError> {
        let mut due = self.store.due(claim).await?;
        match self.defect {
            Defect::TellsLaterTimes => due.now += TimeDelta::seconds(20),
            Defect::ForgetsLeases => {
                let mut given = self.given.lock().expect("a lock");
                let again = std::mem::replace(&mut *given, due.ids.clone());
                due.ids.extend(again);
                due.ids.dedup();
            }
            _ => {}
        }
        Ok(due)
    }

    async fn browse(&self, after: Option<Cursor>, limit: usize) -> Result<Page, StoreError> {
        self.store.browse(after, limit).await
    }
}

/// Longer than any town is looked at.
const YEARS: Duration = Duration::from_secs(9 * 365 * 86_400);

/// The record without the pause of its bot.
fn awake(record: &Record) -> Record {
    let mut body = record.readable();
    match body.as_object_mut().and_then(|body| body.remove("pause")) {
        Some(_) => Record::compose(record.stamp(), body.to_string().as_bytes()),
        None => record.clone(),
    }
}

/// The record with other words in it, and a checksum that is right.
fn forged(record: &Record) -> Record {
    let body = record.readable().to_string().replace(r#""words":["#, r#""words":["0.9.9","#);
    Record::compose(record.stamp(), body.as_bytes())
}
