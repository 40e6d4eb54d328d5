//! What a tab has told without being asked: [`Heard`].

use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The messages of a tab's console, and what it did that it may not.
#[derive(Default)]
pub(super) struct Heard {
    console: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
}

impl Heard {
    pub(super) fn console(&self) -> Vec<String> {
        self.console.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn take(&self, method: &Value, told: &Value) {
        let source = told["entry"]["source"].as_str();
        let list = match method.as_str().unwrap_or_default() {
            "Runtime.consoleAPICalled" => &self.console,
            "Runtime.exceptionThrown" => &self.violations,
            "Log.entryAdded" => match source {
                // The browser itself tells of a call that failed for want of a network or by its status, whatever the page does.
                Some("network") => return,
                Some("security") => &self.violations,
                _ => &self.console,
            },
            "Audits.issueAdded" if told["issue"]["code"] == "ContentSecurityPolicyIssue" => &self.violations,
            _ => return,
        };
        list.lock().unwrap_or_else(PoisonError::into_inner).push(told.to_string());
    }
}
