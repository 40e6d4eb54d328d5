//! What a seed decides: [`Dice`].

/// A dice whose throws its seed decides.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 up to and without `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        // Knuth's constants; the low bits are the weak ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
