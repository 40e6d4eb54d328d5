//! Random towns: several sessions on several machines with clocks of their own, floods, mishaps and operators, over one store
//! that notes everything, so that a plain model can judge it.

mod bank;
mod clock;
mod defects;
mod door;
mod errand;
mod evidence;
mod machine;
mod mail;
mod met;
mod mishap;
mod operator;
mod plan;
mod postman;
mod promises;
mod sight;
mod town;
mod truth;
mod visitor;

pub(crate) use defects::Defect;
pub(crate) use met::{MISHAPS, Met};
pub(crate) use town::play;
