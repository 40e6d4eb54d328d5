//! What a screen reader is told of a page: [`AccessibleNode`].

use serde_json::{Value, json};

use super::Page;

/// One thing on a page, as a screen reader tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessibleNode {
    /// What it is: `button`, `log`, `textbox`.
    pub role: String,
    /// What it is called.
    pub name: String,
    /// Whether it cannot be used now.
    pub disabled: bool,
}

impl Page {
    /// Everything that a screen reader tells of, in its order.
    pub async fn accessibility_tree(&self) -> Vec<AccessibleNode> {
        self.call("Accessibility.enable", json!({})).await;
        let tree = self.call("Accessibility.getFullAXTree", json!({})).await;
        let nodes = tree["nodes"].as_array().expect("a tree");
        nodes.iter().filter(|node| node["ignored"] != true).map(AccessibleNode::read).collect()
    }
}

impl AccessibleNode {
    fn read(node: &Value) -> Self {
        let text = |field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
        let properties = node["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
        let disabled = properties.iter().any(|property| property["name"] == "disabled" && property["value"]["value"] == true);
        Self { role: text("role"), name: text("name"), disabled }
    }
}
