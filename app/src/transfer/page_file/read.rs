//! Reading a file: YAML, or JSON, which is YAML too.

use std::{collections::HashMap, fmt, sync::LazyLock};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use serde_saphyr::{Error, Spanned};

use super::WrongFile;
use crate::wire::{
    check::Checker,
    page_file::{PageFile, schema},
};

/// What people call it, what it says, and where.
#[derive(Debug)]
pub struct File {
    name: String,
    pub says: PageFile,
    /// Lines by pointer, counted from 1.
    lines: HashMap<String, u64>,
}

static CHECKER: LazyLock<Result<Checker, String>> =
    LazyLock::new(|| Checker::new(schema(), "/$defs").map_err(|error| error.to_string()));

impl File {
    /// Reads and checks a text; the name is what errors call it.
    pub fn read(name: &str, text: &str) -> Result<Self, WrongFile> {
        let (tree, lines) = located(text).map_err(|wrong| WrongFile(vec![format!("{name}:{wrong}")]))?;
        let mut file = Self { name: name.to_owned(), says: PageFile::default(), lines };
        let checker = CHECKER.as_ref().map_err(|error| WrongFile(vec![error.clone()]))?;
        let wrong = checker.wrong(&tree, "PageFile").unwrap_or_default();
        if !wrong.is_empty() {
            return Err(WrongFile(
                wrong.iter().map(|wrong| file.wrong(&wrong.pointer, &wrong.message)).collect(),
            ));
        }
        file.says = typed(tree).map_err(|(pointer, text)| WrongFile(vec![file.wrong(&pointer, &text)]))?;
        Ok(file)
    }

    /// What is wrong at a place: `page.yaml:14: components[2].link: allowed is …`.
    pub fn wrong(&self, pointer: &str, message: &str) -> String {
        let line = self.line(pointer).map(|line| format!(":{line}")).unwrap_or_default();
        let place = place(pointer);
        let place = if place.is_empty() { String::new() } else { format!(" {place}:") };
        format!("{}{line}:{place} {message}", self.name)
    }

    /// The line of a place, or of what it stands in.
    fn line(&self, pointer: &str) -> Option<u64> {
        let mut at = pointer;
        loop {
            if let Some(line) = self.lines.get(at) {
                return Some(*line);
            }
            at = at.rsplit_once('/')?.0;
        }
    }
}

/// `/components/2/link` is `components[2].link`.
fn place(pointer: &str) -> String {
    let mut place = String::new();
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match step.parse::<usize>() {
            Ok(number) => place += &format!("[{number}]"),
            Err(_) if place.is_empty() => place += &step,
            Err(_) => place += &format!(".{step}"),
        }
    }
    place
}

fn typed<T: DeserializeOwned>(tree: Value) -> Result<T, (String, String)> {
    let mut track = serde_path_to_error::Track::new();
    T::deserialize(serde_path_to_error::Deserializer::new(tree, &mut track)).map_err(|error| {
        let path = track.path().to_string();
        (format!("/{}", path.replace(['.', '['], "/").replace(']', "")), error.to_string())
    })
}

/// A value, and where each part of it stands. What is wrong is said with its line.
fn located(text: &str) -> Result<(Value, HashMap<String, u64>), String> {
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    let read: Result<Spanned<Tree>, _> = serde_saphyr::from_str_with_options(text, options);
    let tree = read.map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        format!("{line}: {}", unreadable(&error))
    })?;
    let mut lines = HashMap::new();
    let value = flatten(tree, String::new(), &mut lines);
    Ok((value, lines))
}

/// Why a text can't be read, for who wrote it: the library speaks to programmers.
fn unreadable(error: &Error) -> String {
    match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("{key:?} is there twice; allowed is once in the same place")
        }
        Error::DuplicateMappingKey { .. } => {
            "a name is there twice; allowed is once in the same place".into()
        }
        Error::Budget { .. } => {
            "it has too many parts; allowed are 250,000 values, 64 lists and maps within each other, and \
             anchors that repeat no more than that"
                .into()
        }
        other => other.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

fn flatten(tree: Spanned<Tree>, pointer: String, lines: &mut HashMap<String, u64>) -> Value {
    lines.insert(pointer.clone(), tree.referenced.line());
    match tree.value {
        Tree::Leaf(value) => value,
        Tree::List(entries) => {
            let flat = |(at, entry): (usize, _)| flatten(entry, format!("{pointer}/{at}"), lines);
            Value::Array(entries.into_iter().enumerate().map(flat).collect())
        }
        Tree::Fields(fields) => {
            let mut flat = Map::new();
            for (name, value) in fields {
                let place = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                flat.insert(name, flatten(value, place, lines));
            }
            Value::Object(flat)
        }
    }
}

/// A value that knows where its parts stand.
enum Tree {
    Leaf(Value),
    List(Vec<Spanned<Tree>>),
    Fields(Vec<(String, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        let number =
            Number::from_f64(value).ok_or_else(|| E::custom("allowed is a number that is finite"))?;
        Ok(Tree::Leaf(Value::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Leaf(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Leaf(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut list = vec![];
        while let Some(entry) = entries.next_element()? {
            list.push(entry);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut fields = vec![];
        while let Some(entry) = entries.next_entry()? {
            fields.push(entry);
        }
        Ok(Tree::Fields(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        File::read("page.yaml", text).unwrap_err().0
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_what_is_allowed() {
        let unknown = wrong("page:\n  name: Acme\ncomponents:\n  - name: API\n    shwcase: true\n");
        assert_eq!(unknown.len(), 1);
        assert!(unknown[0].starts_with("page.yaml:5: components[0].shwcase: is not known here; allowed are"));
        assert!(unknown[0].contains("showcase, start_date"), "{unknown:?}");
        let kinds = wrong("components:\n  - name: 1\n  - description: x\n  - name: ''\n");
        assert_eq!(
            kinds,
            [
                "page.yaml:2: components[0].name: allowed is string",
                "page.yaml:3: components[1].name: is needed",
                "page.yaml:4: components[2].name: must not be empty"
            ]
        );
        let group = wrong("components:\n  - name: G\n    components: []\n    showcase: true\n");
        assert_eq!(group, ["page.yaml:4: components[0].showcase: is not possible here"]);
        let rule = wrong("alert_rules:\n- name: x\n  matchers:\n  - {label: a, op: '~', value: b}\n");
        assert!(rule[0].starts_with("page.yaml:4: alert_rules[0].matchers[0].op: allowed are ="), "{rule:?}");
        let date = wrong("components:\n- name: x\n  start_date: tomorrow\n");
        assert!(date[0].contains("components[0].start_date: is no date such as 2026-07-30"), "{date:?}");
    }

    #[test]
    fn what_is_no_yaml_is_said_with_its_line() {
        assert!(wrong("page: {}\npage: {}\n")[0].starts_with("page.yaml:2: "));
        assert!(wrong("page:\n  name: [\n")[0].starts_with("page.yaml:"));
        assert_eq!(wrong("- a\n"), ["page.yaml:1: allowed is object"]);
    }

    #[test]
    fn words_of_yaml_1_1_stay_words() {
        let file =
            File::read("x", "components:\n- {name: no}\n- {name: '1'}\n- {name: 2026-07-30}\n").unwrap();
        let names: Vec<_> = file.says.components.unwrap().into_iter().map(|part| part.name).collect();
        assert_eq!(names, ["no", "1", "2026-07-30"]);
    }
}
