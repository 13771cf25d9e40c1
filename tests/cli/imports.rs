//! Who imports whom, read from the sources: no circle of files in any crate, and
//! rooms know only those that stand above them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree, Visibility};

/// Folders of a crate in the order in which they may know each other: each
/// only those before it.
const ROOMS: [(&str, &[&str]); 1] =
    [("scenario", &["files", "model", "read", "plan", "ask", "prove", "experiment", "quarter"])];

/// A module: `["files", "spec"]`; the crate's root is empty.
type Module = Vec<String>;

/// One crate's modules, each in a file of its own.
#[derive(Default)]
struct Sources {
    /// The file of each module.
    files: BTreeMap<Module, PathBuf>,
    /// Names that a module passes on, and the path each stands for.
    passed_on: BTreeMap<(Module, String), Vec<String>>,
    /// Paths each module names, as written.
    named: BTreeMap<Module, Vec<Vec<String>>>,
}

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// True for what is compiled for tests only.
fn for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("cfg") && a.to_token_stream().to_string().contains("test"))
}

impl Sources {
    fn read(root: &Path) -> Self {
        let mut sources = Sources::default();
        sources.add(Vec::new(), root, root.parent().expect("a file has a folder"));
        sources
    }

    /// A module's file and those of its children, which stand in `folder`.
    fn add(&mut self, module: Module, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        for item in &parsed.items {
            match item {
                Item::Mod(item) if for_tests(&item.attrs) => {}
                Item::Mod(item) if item.content.is_none() => {
                    let name = item.ident.to_string();
                    let child = [module.clone(), vec![name.clone()]].concat();
                    let inside = folder.join(&name);
                    let beside = folder.join(format!("{name}.rs"));
                    let file = if beside.exists() { beside } else { inside.join("mod.rs") };
                    self.add(child, &file, &inside);
                }
                Item::Use(item) if for_tests(&item.attrs) => {}
                Item::Use(item) => {
                    let passes = !matches!(item.vis, Visibility::Inherited);
                    self.used(&module, &item.tree, Vec::new(), passes);
                }
                other => self.spelled(&module, other.to_token_stream()),
            }
        }
        self.files.insert(module, file.to_owned());
    }

    /// The paths of a `use`.
    fn used(&mut self, module: &Module, tree: &UseTree, before: Vec<String>, passes: bool) {
        let and = |name: &dyn ToString| [before.clone(), vec![name.to_string()]].concat();
        let (name, path) = match tree {
            UseTree::Path(tree) => return self.used(module, &tree.tree, and(&tree.ident), passes),
            UseTree::Group(tree) => {
                return tree.items.iter().for_each(|t| self.used(module, t, before.clone(), passes));
            }
            UseTree::Name(tree) if tree.ident == "self" => {
                (before.last().cloned().unwrap_or_default(), before)
            }
            UseTree::Name(tree) => (tree.ident.to_string(), and(&tree.ident)),
            UseTree::Rename(tree) => (tree.rename.to_string(), and(&tree.ident)),
            UseTree::Glob(_) => (String::new(), before),
        };
        if passes {
            self.passed_on.insert((module.clone(), name), path.clone());
        } else {
            self.named.entry(module.clone()).or_default().push(path);
        }
    }

    /// Paths such as `crate::files::spec::Metric` or `child::function` in code,
    /// inside macros too.
    fn spelled(&mut self, module: &Module, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Punct(p) if p.as_char() == ':' => colons += 1,
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(module, &mut path);
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                other => {
                    self.end(module, &mut path);
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.spelled(module, group.stream());
                    }
                }
            }
        }
        self.end(module, &mut path);
    }

    fn end(&mut self, module: &Module, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.named.entry(module.clone()).or_default().push(path);
        }
    }

    /// The module that a path leads to, seen from `from`; `None` outside the crate.
    fn leads_to(&self, from: &Module, path: &[String], depth: usize) -> Option<Module> {
        assert!(depth < 20, "{from:?} {path:?} passes names on in a circle");
        let (mut at, mut rest) = match path.first()?.as_str() {
            "crate" => (Vec::new(), &path[1..]),
            "self" => (from.clone(), &path[1..]),
            "super" => (from[..from.len().checked_sub(1)?].to_vec(), &path[1..]),
            first => {
                let child = [from.clone(), vec![first.to_owned()]].concat();
                self.files.contains_key(&child).then_some((child, &path[1..]))?
            }
        };
        while let [name, after @ ..] = rest {
            let child = [at.clone(), vec![name.clone()]].concat();
            if name == "super" {
                at.pop();
            } else if let Some(to) = self.passed_on.get(&(at.clone(), name.clone())) {
                let last = after.is_empty() || !self.files.contains_key(&child);
                if last || !self.files.contains_key(&child) {
                    let to = [to.clone(), after.to_vec()].concat();
                    return self.leads_to(&at, &to, depth + 1);
                }
                at = child;
            } else if self.files.contains_key(&child) {
                at = child;
            } else {
                break;
            }
            rest = after;
        }
        Some(at)
    }

    /// Which module imports which.
    fn arrows(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let mut arrows: BTreeMap<Module, BTreeSet<Module>> = BTreeMap::new();
        for (from, paths) in &self.named {
            let to = paths.iter().filter_map(|path| self.leads_to(from, path, 0)).filter(|to| to != from);
            arrows.entry(from.clone()).or_default().extend(to);
        }
        arrows
    }
}

/// Modules that import each other, directly or by way of others.
fn circles(arrows: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let mut found = BTreeSet::new();
        let mut open: Vec<&Module> = arrows.get(from).into_iter().flatten().collect();
        while let Some(module) = open.pop() {
            if found.insert(module.clone()) {
                open.extend(arrows.get(module).into_iter().flatten());
            }
        }
        found
    };
    let all: BTreeMap<&Module, BTreeSet<Module>> = arrows.keys().map(|m| (m, reached(m))).collect();
    let mut circles: Vec<BTreeSet<Module>> = Vec::new();
    for (module, ahead) in &all {
        let circle: BTreeSet<Module> =
            ahead.iter().filter(|m| all.get(m).is_some_and(|back| back.contains(*module))).cloned().collect();
        if !circle.is_empty() && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

/// Every crate of the project by its folder's name.
fn every_crate() -> BTreeMap<String, Sources> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(crates()).expect("the crates are there").flatten() {
        let source = entry.path().join("src");
        let root = ["lib.rs", "main.rs"].map(|name| source.join(name)).into_iter().find(|p| p.exists());
        if let Some(root) = root {
            found.insert(entry.file_name().to_string_lossy().into_owned(), Sources::read(&root));
        }
    }
    assert!(found.len() >= 5, "the crates were not found");
    found
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut wrong = Vec::new();
    for (name, sources) in every_crate() {
        let arrows = sources.arrows();
        // A crate of one file has nothing to import.
        let alone = sources.files.len() == 1;
        assert!(
            alone || arrows.values().map(BTreeSet::len).sum::<usize>() > 3,
            "{name}: no imports were found"
        );
        for circle in circles(&arrows) {
            let inside = |m: &&Module| circle.contains(*m);
            for from in &circle {
                for to in arrows[from].iter().filter(inside) {
                    wrong.push(format!("{name}: {} -> {}", from.join("::"), to.join("::")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "files that import each other:\n{}", wrong.join("\n"));
}

#[test]
fn rooms_know_only_those_before_them() {
    let crates = every_crate();
    for (name, rooms) in ROOMS {
        let place = |m: &Module| rooms.iter().position(|r| m.first().is_some_and(|first| first == r));
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for (from, all) in crates[name].arrows() {
            let Some(floor) = place(&from) else { continue };
            seen.insert(floor);
            // The crate's root passes on what stands in rooms: an import by way
            // of it would hide where it goes.
            for to in all.iter().filter(|to| place(to).is_none_or(|p| p > floor)) {
                wrong.push(format!("{} -> {}", from.join("::"), to.join("::")));
            }
        }
        assert_eq!(seen.len(), rooms.len(), "{name}: rooms without imports");
        assert!(wrong.is_empty(), "{name}: imports that point up:\n{}", wrong.join("\n"));
    }
}
