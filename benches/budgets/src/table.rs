//! The committed numbers, and what is counted held against them.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use serde::{Deserialize, Serialize};

/// What an operation costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    pub instructions: u64,
    pub allocations: f64,
}

/// What an operation may cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    instructions: u64,
    allocations: f64,
    /// In percent of the instructions, where the table's own is not for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tolerance: Option<u64>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// How many percent more instructions are let pass.
    tolerance: u64,
    /// How many more allocations are.
    allocations_tolerance: f64,
    /// From so many percent fewer on it is said that the table is to be renewed.
    cheaper: u64,
    operations: BTreeMap<String, Budget>,
}

impl Default for Table {
    fn default() -> Self {
        Self { tolerance: 3, allocations_tolerance: 0.5, cheaper: 10, operations: BTreeMap::new() }
    }
}

/// How an operation stands to its budget.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    Kept,
    Dearer,
    Cheaper,
    /// The table has no number for it.
    New,
}

impl Table {
    pub fn read(written: &str) -> Result<Self, String> {
        serde_json::from_str(written).map_err(|error| format!("budgets.json cannot be read: {error}"))
    }

    pub fn written(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// With these numbers; without those of operations that are no more, if all were counted.
    pub fn renewed(&self, counted: &[(String, Counts)], all: bool) -> Self {
        let mut operations = self.operations.clone();
        operations.retain(|name, _| !all || counted.iter().any(|(one, _)| one == name));
        for (name, counts) in counted {
            let tolerance = self.operations.get(name).and_then(|budget| budget.tolerance);
            let Counts { instructions, allocations } = *counts;
            operations.insert(name.clone(), Budget { instructions, allocations, tolerance });
        }
        Self { operations, ..*self }
    }

    pub fn compare(&self, counted: &[(String, Counts)]) -> Comparison {
        let rows = counted.iter().map(|(name, counts)| {
            let budget = self.operations.get(name).copied();
            Row { name: name.clone(), counts: *counts, budget, standing: self.standing(budget, *counts) }
        });
        Comparison { rows: rows.collect() }
    }

    fn standing(&self, budget: Option<Budget>, counts: Counts) -> Standing {
        let Some(budget) = budget else { return Standing::New };
        let tolerance = budget.tolerance.unwrap_or(self.tolerance);
        if counts.instructions * 100 > budget.instructions * (100 + tolerance)
            || counts.allocations > budget.allocations + self.allocations_tolerance
        {
            Standing::Dearer
        } else if counts.instructions * 100 < budget.instructions * 100_u64.saturating_sub(self.cheaper.max(tolerance))
        {
            Standing::Cheaper
        } else {
            Standing::Kept
        }
    }
}

#[derive(Debug)]
struct Row {
    name: String,
    counts: Counts,
    budget: Option<Budget>,
    standing: Standing,
}

/// All operations beside their budgets.
#[derive(Debug)]
pub struct Comparison {
    rows: Vec<Row>,
}

impl Comparison {
    /// Whether no operation costs more than it may, and none is without a number.
    pub fn is_kept(&self) -> bool {
        self.rows.iter().all(|row| matches!(row.standing, Standing::Kept | Standing::Cheaper))
    }

    fn has(&self, standing: Standing) -> bool {
        self.rows.iter().any(|row| row.standing == standing)
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:20} {:>12} {:>12} {:>8} {:>12} {:>8}",
            "operation", "instructions", "budget", "", "allocations", "budget"
        )?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        if self.has(Standing::Dearer) || self.has(Standing::New) {
            writeln!(f, "\nIf that is meant, say why in the commit, and renew the table: ./check budgets renew")?;
        }
        if self.has(Standing::Cheaper) {
            writeln!(
                f,
                "\nWhat became cheaper may become dearer again unseen until the table is renewed: ./check budgets renew"
            )?;
        }
        Ok(())
    }
}

impl Display for Row {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { name, counts, budget, standing } = self;
        let Some(budget) = budget else {
            return write!(
                f,
                "{name:20} {:>12} {:>12} {:>8} {:>12.1} {:>8}  NO BUDGET",
                counts.instructions, "", "", counts.allocations, ""
            );
        };
        let change = percent(counts.instructions, budget.instructions);
        write!(
            f,
            "{name:20} {:>12} {:>12} {change:>8} {:>12.1} {:>8.1}",
            counts.instructions, budget.instructions, counts.allocations, budget.allocations
        )?;
        match standing {
            Standing::Dearer => write!(
                f,
                "  DEARER by {} instructions and {:.1} allocations",
                counts.instructions.saturating_sub(budget.instructions),
                (counts.allocations - budget.allocations).max(0.0)
            ),
            Standing::Cheaper => write!(f, "  much cheaper: renew"),
            Standing::Kept | Standing::New => Ok(()),
        }
    }
}

/// By how many percent it changed, to a tenth: `+1.2 %`.
fn percent(counted: u64, budget: u64) -> String {
    let (sign, difference) = if counted < budget { ('-', budget - counted) } else { ('+', counted - budget) };
    let tenths = difference * 1_000 / budget.max(1);
    format!("{sign}{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGETS: &str = r#"{
        "tolerance": 3,
        "allocations_tolerance": 0.5,
        "cheaper": 10,
        "operations": {
            "turn": { "instructions": 10000, "allocations": 20.0 },
            "commit": { "instructions": 10000, "allocations": 20.0, "tolerance": 8 }
        }
    }"#;

    fn compared(name: &str, instructions: u64, allocations: f64) -> (Standing, bool, String) {
        let table = Table::read(BUDGETS).expect("a table");
        let comparison = table.compare(&[(name.into(), Counts { instructions, allocations })]);
        (comparison.rows[0].standing, comparison.is_kept(), comparison.to_string())
    }

    #[test]
    fn within_the_tolerance_a_budget_is_kept() {
        for (instructions, allocations) in [(10_000, 20.0), (10_300, 20.5), (9_000, 20.0), (9_000, 1.0)] {
            let (standing, kept, told) = compared("turn", instructions, allocations);
            assert_eq!((standing, kept), (Standing::Kept, true), "{told}");
            assert!(!told.contains("renew"), "{told}");
        }
    }

    #[test]
    fn what_became_dearer_fails_and_says_by_how_much_and_how_to_renew() {
        let (standing, kept, told) = compared("turn", 10_301, 20.0);
        assert_eq!((standing, kept), (Standing::Dearer, false));
        assert!(told.contains("DEARER by 301 instructions and 0.0 allocations"), "{told}");
        assert!(told.contains("+3.0 %") && told.contains("./check budgets renew"), "{told}");
    }

    #[test]
    fn one_allocation_more_fails_even_if_instructions_became_fewer() {
        let (standing, kept, told) = compared("turn", 8_000, 21.0);
        assert_eq!((standing, kept), (Standing::Dearer, false));
        assert!(told.contains("DEARER by 0 instructions and 1.0 allocations"), "{told}");
    }

    #[test]
    fn what_became_much_cheaper_passes_and_asks_for_a_new_number() {
        let (standing, kept, told) = compared("turn", 8_999, 20.0);
        assert_eq!((standing, kept), (Standing::Cheaper, true));
        assert!(told.contains("much cheaper") && told.contains("./check budgets renew"), "{told}");
    }

    #[test]
    fn a_tolerance_of_its_own_comes_before_the_tables() {
        assert_eq!(compared("commit", 10_800, 20.0).0, Standing::Kept);
        assert_eq!(compared("commit", 10_801, 20.0).0, Standing::Dearer);
    }

    #[test]
    fn an_operation_without_a_number_fails() {
        let (standing, kept, told) = compared("nap", 5, 0.0);
        assert_eq!((standing, kept), (Standing::New, false));
        assert!(told.contains("NO BUDGET") && told.contains("./check budgets renew"), "{told}");
    }

    #[test]
    fn a_renewed_table_has_the_new_numbers_and_the_same_tolerances() {
        let table = Table::read(BUDGETS).expect("a table");
        let counted = [("commit".to_owned(), Counts { instructions: 7, allocations: 1.0 })];
        let some = table.renewed(&counted, false);
        assert_eq!(some.operations["commit"], Budget { instructions: 7, allocations: 1.0, tolerance: Some(8) });
        assert_eq!(some.operations["turn"], table.operations["turn"]);
        let all = table.renewed(&counted, true);
        assert!(!all.operations.contains_key("turn"), "it is counted no more");
        assert_eq!(Table::read(&all.written().expect("a text")), Ok(all));
    }

    #[test]
    fn each_operation_has_a_budget_and_each_budget_an_operation() {
        let table = Table::read(include_str!("../budgets.json")).expect("the committed table");
        let mut names = crate::operations::OPERATIONS.map(|(name, _)| name);
        names.sort_unstable();
        assert_eq!(table.operations.keys().map(String::as_str).collect::<Vec<_>>(), names);
    }

    #[test]
    fn a_table_that_cannot_be_read_is_an_error() {
        let message = Table::read("{}").expect_err("it has no operations");
        assert!(message.starts_with("budgets.json cannot be read"), "{message}");
    }
}
