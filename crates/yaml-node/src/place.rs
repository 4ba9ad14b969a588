//! Where go-yaml's own tree says that a node stands, and what comments it has there.
//!
//! A mark names a line of a file, which is all that most need. Where the tree itself counts, as in a hash over it, texts
//! are read once more into nodes whose marks lead to a [`Place`] instead.

use source_tree::{FileId, Mark};

/// What go-yaml keeps of a node besides its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line in the text of the document, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Whether its type is written before it, as in `!!str 1`.
    pub tagged: bool,
    /// Whether it was read as a list or mapping of nothing.
    pub empty: bool,
    /// Comments above it, behind it and below it.
    pub comments: Comments,
}

/// Comments of a node, each with its `#`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comments {
    /// Above.
    pub head: String,
    /// Behind, on its line.
    pub line: String,
    /// Below.
    pub foot: String,
}

/// The places of all nodes of the texts that were read with it.
#[derive(Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    /// Comments of the document that was read last: above its first blank line, and at its end.
    pub document: Comments,
}

/// The file of marks that lead to places. No table has so many files.
const FILE: FileId = FileId(u32::MAX);
/// Says in a mark itself that there are comments.
const COMMENTED: u32 = 1 << 31;

/// Why nobody can tell what go-yaml keeps of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Its mapping takes over one that has a merge key itself.
    NestedMerge,
    /// A null became a list or mapping.
    FilledNull,
    /// A patch has a comment at the list or mapping.
    PatchComment,
    /// A generator merged into it or took its place.
    GeneratorBehavior,
    /// The data of a Secret that was generated without any.
    NoData,
    /// A ValueAddTransformer changed it.
    ValueAdd,
    /// It could not be written and read again.
    Unreadable,
}

impl Lost {
    const ALL: [Lost; 7] = [
        Lost::NestedMerge,
        Lost::FilledNull,
        Lost::PatchComment,
        Lost::GeneratorBehavior,
        Lost::NoData,
        Lost::ValueAdd,
        Lost::Unreadable,
    ];

    /// The mark of such a node.
    pub fn mark(self) -> Mark {
        Mark::new(FILE, u32::MAX - self as u32)
    }

    /// The reason behind a mark, if it is one of those.
    pub fn of(mark: Mark) -> Option<Self> {
        Lost::ALL.into_iter().find(|lost| lost.mark() == mark)
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Lost::NestedMerge => "a merge key takes over what has a merge key itself",
            Lost::FilledNull => "a transformer makes a list or mapping of a null",
            Lost::PatchComment => "a strategic merge patch has a comment at a list or mapping",
            Lost::GeneratorBehavior => "a generator's behavior merges or replaces it",
            Lost::NoData => "it was generated without data",
            Lost::ValueAdd => "a ValueAddTransformer changes it",
            Lost::Unreadable => "it goes through JSON and cannot be read again",
        }
    }
}

impl Places {
    /// Whether a mark leads to a place, or says why it does not.
    pub fn has(mark: Mark) -> bool {
        mark.file == FILE
    }

    /// The same mark, which says now that its place has comments if it has.
    pub fn noting_comments(&self, mark: Mark) -> Mark {
        match self.get(mark) {
            Some(place) if place.comments != Comments::default() => {
                Mark::new(mark.file, mark.line | COMMENTED)
            }
            _ => mark,
        }
    }

    /// Whether a mark says that its place has comments.
    pub fn notes_comments(mark: Mark) -> bool {
        Places::has(mark) && mark.line & COMMENTED != 0 && Lost::of(mark).is_none()
    }

    /// The place behind a mark, if it leads to one.
    pub fn get(&self, mark: Mark) -> Option<&Place> {
        self.places.get(index(mark)?)
    }

    pub(crate) fn get_mut(&mut self, mark: Mark) -> Option<&mut Place> {
        self.places.get_mut(index(mark)?)
    }

    /// The mark that leads to a new place.
    pub fn add(&mut self, place: Place) -> Mark {
        match u32::try_from(self.places.len()) {
            Ok(index) if index < COMMENTED - 100 => {
                self.places.push(place);
                Mark::new(FILE, index)
            }
            _ => Lost::Unreadable.mark(),
        }
    }
}

fn index(mark: Mark) -> Option<usize> {
    if !Places::has(mark) || Lost::of(mark).is_some() {
        return None;
    }
    usize::try_from(mark.line & !COMMENTED).ok()
}
