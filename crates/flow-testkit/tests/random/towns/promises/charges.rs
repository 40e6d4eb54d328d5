//! What is asked once is asked under one key, and a turn goes by the answer that is kept.

use std::collections::HashMap;

use crate::towns::{evidence::Evidence, sight::Sight};

/// Each word is charged under one key, which is no other word's.
pub(crate) fn one_word_has_one_key(evidence: &Evidence) -> Result<(), String> {
    let (mut keys, mut words) = (HashMap::new(), HashMap::new());
    for charge in &evidence.charges {
        let (word, key) = ((charge.id, &charge.word), &charge.key);
        if *keys.entry(word).or_insert(key) != key {
            return Err(format!("{} was charged under two keys", charge.word));
        }
        if *words.entry(key).or_insert(word) != word {
            return Err(format!("{key} is the key of two charges"));
        }
    }
    Ok(())
}

/// A turn that is stored goes by an answer that was given for its word.
pub(crate) fn no_turn_goes_by_what_was_never_answered(evidence: &Evidence) -> Result<(), String> {
    for sight in evidence.deeds.iter().filter_map(|deed| deed.sight()) {
        for (word, receipt) in &sight.charges {
            let is_the_answer =
                |charge: &super::super::bank::Charge| charge.word == *word && charge.receipt == *receipt;
            if !evidence.charges.iter().any(is_the_answer) {
                return Err(format!("{word} was stored with the receipt {receipt}, which was never given for it"));
            }
        }
    }
    Ok(())
}

/// What was kept for a turn is what that turn goes by, and is gone with it.
pub(crate) fn a_turn_goes_by_what_was_kept(before: &Sight, sight: &Sight) -> Result<(), String> {
    for (word, kept) in &before.kept {
        if !before.charges.contains_key(word)
            && let Some(receipt) = sight.charges.get(word)
            && receipt != kept
        {
            return Err(format!("{word} goes by the receipt {receipt}, and {kept} was kept for it"));
        }
    }
    match sight.kept.iter().find(|(word, _)| sight.seen.contains(word)) {
        Some((word, _)) => Err(format!("the answer for {word} is kept beyond its turn")),
        None => Ok(()),
    }
}
