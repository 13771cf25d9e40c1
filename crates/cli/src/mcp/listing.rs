//! Tools that say what there is: the files of the folder, the file formats.

use std::path::{Path, PathBuf};

use outlay::SchemaKind;
use outlay::scenario::Storage;
use serde_json::{Value, json};

use super::answer::Answer;
use super::arguments::{List, Schema};
use crate::folder::Folder;
use crate::stop::Stop;

/// Most files listed, and how deep folders are looked into.
const MOST: usize = 500;
const DEEPEST: usize = 4;
/// Larger JSON files are not looked into for what they are.
const PEEK: u64 = 4 << 20;

pub(super) fn files(folder: &Folder, _: &List, _: &Stop) -> Result<Answer, String> {
    let mut found = Vec::new();
    walk(folder, Path::new(""), 0, &mut found).map_err(|e| e.to_string())?;
    found.sort();
    let more = found.len() > MOST;
    found.truncate(MOST);
    let named = |path: &PathBuf| {
        let size = folder.size(path).unwrap_or(0);
        json!({ "file": path.to_string_lossy(), "kind": kind(folder, path, size), "bytes": size })
    };
    let listed: Vec<Value> = found.iter().map(named).collect();
    let mut text: String = listed
        .iter()
        .map(|f| format!("{}  {}\n", f["file"].as_str().unwrap_or(""), f["kind"].as_str().unwrap_or("")))
        .collect();
    if text.is_empty() {
        text.push_str("No scenario, curve library, result or table is here.\n");
    }
    if more {
        text.push_str(&format!("Only the first {MOST} files are listed.\n"));
    }
    Answer::new(text, &json!({ "files": listed, "more": more }))
}

fn walk(folder: &Folder, at: &Path, depth: usize, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let wanted = ["toml", "json", "jsonl", "csv", "tsv", "xlsx", "xls"];
    for path in folder.list(at)? {
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase();
        if wanted.contains(&ending.as_str()) {
            found.push(path);
        }
    }
    if depth == DEEPEST || found.len() > MOST {
        return Ok(());
    }
    for entry in std::fs::read_dir(folder.path().join(at))? {
        let name = entry?.file_name();
        let below = at.join(&name);
        if !name.to_string_lossy().starts_with('.') && folder.is_folder(&below) && !is_link(folder, &below) {
            walk(folder, &below, depth + 1, found)?;
        }
    }
    Ok(())
}

/// Links are not followed: they may lead in a circle.
fn is_link(folder: &Folder, path: &Path) -> bool {
    folder.path().join(path).symlink_metadata().is_ok_and(|m| m.is_symlink())
}

fn kind(folder: &Folder, path: &Path, size: u64) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or("").to_lowercase().as_str() {
        "toml" => "scenario",
        "jsonl" => "saved results",
        "json" if size > PEEK => "JSON",
        "json" => {
            let bytes = folder.read(path).unwrap_or_default();
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let has = |key: &str| value.get(key).is_some();
            match () {
                () if has("status") && has("certificate") => "saved result",
                () if has("curves") && has("unit") => "curve library",
                () if has("lines") || has("extends") => "scenario",
                () => "JSON",
            }
        }
        _ => "table",
    }
}

pub(super) fn schema(_: &Folder, ask: &Schema, _: &Stop) -> Result<Answer, String> {
    let kind = SchemaKind::named(&ask.kind)
        .ok_or_else(|| format!("kind: `{}` is no file format; one of {}", ask.kind, SchemaKind::names()))?;
    let schema = outlay::schema(kind);
    let text = serde_json::to_string(&schema).map_err(|e| e.to_string())?;
    Answer::new(text, &schema)
}
