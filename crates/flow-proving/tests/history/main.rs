//! What a history proves and refutes: small ones by hand, and those of engines on stores with one defect each.

mod broken;
mod by_hand;
mod dice;
mod engines;
