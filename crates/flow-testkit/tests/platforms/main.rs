//! The suite for platforms is tested: a plain correct platform passes, and each platform with one defect fails where it should.

mod broken_platforms;
mod defect;
mod messages;
mod plain_counterpart;
mod plain_platform;

use flow_testkit::platform_conformance;
use plain_counterpart::PlainCounterpart;

platform_conformance!(async || PlainCounterpart::default());
