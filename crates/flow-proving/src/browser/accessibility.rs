//! What a screen reader is told of a page: [`AccessibleNode`].

use std::collections::HashMap;

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
        // They come level by level, and are told from the first to the last, each with what is in it.
        let nodes = tree["nodes"].as_array().expect("a tree").iter();
        let nodes: HashMap<_, _> = nodes.map(|node| (node["nodeId"].as_str().expect("a number"), node)).collect();
        let (mut told, mut waiting) = (Vec::new(), vec![tree["nodes"][0]["nodeId"].as_str().expect("a page")]);
        while let Some(id) = waiting.pop() {
            let Some(node) = nodes.get(id) else { continue };
            if node["ignored"] != true {
                told.push(AccessibleNode::read(node));
            }
            waiting.extend(node["childIds"].as_array().into_iter().flatten().rev().filter_map(Value::as_str));
        }
        told
    }
}

impl AccessibleNode {
    fn read(node: &Value) -> Self {
        let text = |field: &str| node[field]["value"].as_str().unwrap_or_default().to_owned();
        let properties = node["properties"].as_array().map(Vec::as_slice).unwrap_or_default();
        let disabled =
            properties.iter().any(|property| property["name"] == "disabled" && property["value"]["value"] == true);
        Self { role: text("role"), name: text("name"), disabled }
    }
}
