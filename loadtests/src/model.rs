//! The model that k6 reads too: `model.json`.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Model {
    weights: BTreeMap<String, usize>,
    visitors: Asked,
    machines: Asked,
    clients: Asked,
}

#[derive(Debug, Deserialize)]
struct Asked {
    requests: BTreeMap<String, usize>,
}

impl Model {
    /// # Panics
    /// When `model.json` is no model, which a test finds first.
    pub fn read() -> Self {
        match serde_json::from_str(include_str!("../model.json")) {
            Ok(model) => model,
            Err(error) => panic!("model.json is no model: {error}"),
        }
    }

    pub fn weight(&self, kind: &str) -> usize {
        self.weights.get(kind).copied().unwrap_or(1)
    }

    /// What these ask for, and how often. Names live as long as the run.
    pub fn requests(&self, kind: &str) -> Vec<(&'static str, usize)> {
        let asked = match kind {
            "machines" => &self.machines,
            "clients" => &self.clients,
            _ => &self.visitors,
        };
        asked.requests.iter().map(|(name, weight)| (&*name.clone().leak(), *weight)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_names_what_each_asks_for() {
        let model = Model::read();
        for kind in ["visitors", "machines", "clients", "operators", "watchers"] {
            assert!(model.weights[kind] > 0, "{kind}");
        }
        for (kind, few) in [("visitors", 8), ("machines", 9), ("clients", 3)] {
            assert!(model.requests(kind).len() >= few, "{kind}");
        }
    }
}
