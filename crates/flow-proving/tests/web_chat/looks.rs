//! soon
pub const HOST_CSS: &str = "body { font: 16px sans-serif; }";
