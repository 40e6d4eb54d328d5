//! The promises, held against a conversation that is over: [`check`].

use std::collections::{HashMap, HashSet};

use flow_core::{
    Cause, Flow, Session, Transition,
    archive::{ArchivedCheckpoint, ArchivedStep},
    graph::{EdgeKind, Graph},
};

use crate::{conversation::Log, talk::Talk};

/// Fails with the first promise that was broken.
pub(crate) fn check(session: &Session<Talk>, history: &[Transition], log: &Log) -> Result<(), String> {
    walk_in_the_graph(session, history)?;
    each_message_once(session, log)?;
    one_key_for_each_delivery(session, history, log)?;
    in_order_for_each_destination(log)
}

/// What is archived has every step once, the last of which are those that the record has, and every checkpoint.
pub(crate) fn check_archived(
    session: &Session<Talk>,
    steps: &[ArchivedStep],
    checkpoints: &[ArchivedCheckpoint],
) -> Result<(), String> {
    if let Some((step, number)) = steps.iter().zip(0..).find(|(step, number)| step.number != *number) {
        return Err(format!("the step {} is archived where {number} should be", step.number));
    }
    let archived: Vec<_> = steps.iter().map(|step| &step.transition).collect();
    let kept: Vec<_> = session.history().iter().collect();
    if !archived.ends_with(&kept) {
        return Err(format!("{} steps are archived, and do not end as the record does: {kept:?}", steps.len()));
    }
    let entered = archived.iter().filter(|step| step.to == "HILL").count();
    let told = checkpoints.len();
    if told == entered { Ok(()) } else { Err(format!("HILL was entered {entered} times, archived {told}")) }
}

/// The history begins with an opening, each step goes on from the one before, and the graph has it.
fn walk_in_the_graph(session: &Session<Talk>, history: &[Transition]) -> Result<(), String> {
    let first = history.first().ok_or("there is no history")?;
    if first.by != Cause::Opened || first.from.is_some() {
        return Err(format!("the history begins with {first}"));
    }
    for pair in history.windows(2) {
        if pair[1].from.as_deref() != Some(pair[0].to.as_str()) {
            return Err(format!("{} does not go on from {}", pair[1], pair[0]));
        }
        if !has_edge(Talk::GRAPH, &pair[1]) {
            return Err(format!("the graph does not have {}", pair[1]));
        }
    }
    let last = history.last().map(|transition| transition.to.as_str());
    if last == Some(session.state().name()) { Ok(()) } else { Err(format!("the history ends in {last:?}")) }
}

fn has_edge(graph: &Graph, transition: &Transition) -> bool {
    let from = transition.from.as_deref().and_then(|name| graph.find(name));
    let (Some(from), Some(to)) = (from, graph.find(&transition.to)) else { return false };
    match transition.by {
        Cause::Message => graph.allows(from, to, EdgeKind::Handler),
        Cause::Shortcut => graph.allows(from, to, EdgeKind::Shortcut("home")),
        // Back goes along an edge, the other way round.
        Cause::Back => graph.edges.iter().any(|edge| (edge.to, edge.from) == (from, to)),
        _ => false,
    }
}

/// What was acknowledged was heard once, and everything else at most once.
fn each_message_once(session: &Session<Talk>, log: &Log) -> Result<(), String> {
    let mut heard: HashMap<&str, usize> = HashMap::new();
    for word in &session.shared().words {
        *heard.entry(word).or_default() += 1;
    }
    if let Some((word, times)) = heard.iter().find(|(_, times)| **times > 1) {
        return Err(format!("{word} was heard {times} times"));
    }
    let acknowledged = log.acknowledged.lock().expect("a lock");
    let lost: Vec<_> = acknowledged.iter().filter(|word| !heard.contains_key(word.as_str())).collect();
    if lost.is_empty() { Ok(()) } else { Err(format!("acknowledged and never heard: {lost:?}")) }
}

/// A key stands for one thing, a thing has one key, and nothing is left.
fn one_key_for_each_delivery(session: &Session<Talk>, history: &[Transition], log: &Log) -> Result<(), String> {
    let delivered = log.delivered.lock().expect("a lock");
    let mut things: HashMap<&str, &str> = HashMap::new();
    for (key, what) in delivered.iter() {
        if *things.entry(key).or_insert(what) != what {
            return Err(format!("{key} was delivered as two things"));
        }
    }
    let heard: HashSet<String> = session.shared().words.iter().map(|word| format!("{word:?}")).collect();
    let notes: Vec<_> = things.values().copied().filter(|what| what.starts_with('"')).collect();
    if notes.len() != notes.iter().collect::<HashSet<_>>().len() || !notes.iter().all(|note| heard.contains(*note)) {
        return Err(format!("notes of what was not heard, or under two keys: {notes:?}"));
    }
    let rung = session.shared().words.iter().filter(|word| word.starts_with("bell")).count();
    let announced = things.values().filter(|what| what.starts_with("bell")).count();
    if rung != announced {
        return Err(format!("the bell rang {rung} times and was announced {announced} times"));
    }
    let entered = history.iter().filter(|step| step.to == "HILL").count();
    let told = things.values().filter(|what| what.starts_with("Hill")).count();
    match (told == entered, session.pending()) {
        (true, 0) => Ok(()),
        (_, pending) => Err(format!("HILL was entered {entered} times and told {told} times, {pending} pending")),
    }
}

/// What goes to one hook, or to the handler for one kind of effect, is delivered for the first time in the order of its keys.
fn in_order_for_each_destination(log: &Log) -> Result<(), String> {
    let delivered = log.delivered.lock().expect("a lock");
    let mut last: HashMap<&str, (u64, u32)> = HashMap::new();
    let mut known: HashSet<(&str, (u64, u32))> = HashSet::new();
    for (key, what) in delivered.iter() {
        let to = what.split([' ', '-']).next().unwrap_or_default();
        let to = if what.starts_with('"') { "note" } else { to };
        let place = place_of(key)?;
        if !known.insert((to, place)) {
            continue;
        }
        if let Some(before) = last.insert(to, place)
            && before > place
        {
            return Err(format!("{what}, of {place:?}, was delivered after what was decided at {before:?}"));
        }
    }
    Ok(())
}

/// When what has this key was decided: its version, and its place there.
fn place_of(key: &str) -> Result<(u64, u32), String> {
    let mut parts = key.rsplit('/');
    let index = parts.next().and_then(|index| index.parse().ok());
    let version = parts.next().and_then(|stamp| stamp.split('-').next()).and_then(|version| version.parse().ok());
    version.zip(index).ok_or_else(|| format!("no key: {key}"))
}
