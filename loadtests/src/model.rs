//! The model that k6 reads too: `model.json`.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Model {
    weights: BTreeMap<String, usize>,
    visitors: Visitors,
    machines: Asked,
    clients: Asked,
}

#[derive(Debug, Deserialize)]
struct Visitors {
    languages: BTreeMap<String, usize>,
    encodings: BTreeMap<String, usize>,
    #[serde(flatten)]
    asked: Asked,
}

#[derive(Debug, Deserialize)]
struct Asked {
    requests: BTreeMap<String, usize>,
}

impl Model {
    /// The one model.
    pub fn get() -> &'static Self {
        static MODEL: LazyLock<Model> = LazyLock::new(Model::read);
        &MODEL
    }

    /// # Panics
    /// When `model.json` is no model, which a test finds first.
    fn read() -> Self {
        match serde_json::from_str(include_str!("../model.json")) {
            Ok(model) => model,
            Err(error) => panic!("model.json is no model: {error}"),
        }
    }

    pub fn weight(&self, kind: &str) -> usize {
        self.weights.get(kind).copied().unwrap_or(1)
    }

    /// The languages of visitors, and how many have each.
    pub fn languages(&self) -> &BTreeMap<String, usize> {
        &self.visitors.languages
    }

    /// The codings that browsers take, and how many take each.
    pub fn encodings(&self) -> &BTreeMap<String, usize> {
        &self.visitors.encodings
    }

    /// What these ask for, and how often.
    pub fn requests(&'static self, kind: &str) -> Vec<(&'static str, usize)> {
        let asked = match kind {
            "machines" => &self.machines,
            "clients" => &self.clients,
            _ => &self.visitors.asked,
        };
        asked.requests.iter().map(|(name, weight)| (name.as_str(), *weight)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_names_what_each_asks_for() {
        let model = Model::get();
        for kind in ["visitors", "machines", "clients", "operators", "watchers"] {
            assert!(model.weights[kind] > 0, "{kind}");
        }
        for (kind, few) in [("visitors", 8), ("machines", 9), ("clients", 3)] {
            assert!(model.requests(kind).len() >= few, "{kind}");
        }
    }
}
