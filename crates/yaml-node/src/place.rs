//! Lines, columns and comments of nodes, as go-yaml's own tree has them.
//!
//! A mark is a line of a file, which suffices for most purposes. For a hash over go-yaml's tree itself, texts are read
//! once more, into nodes whose marks lead to a [`Place`] instead.

use source_tree::{FileId, Mark};

/// The data of a node in go-yaml besides its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line in the text of the document, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// Whether its type is written before it, as in `!!str 1`.
    pub tagged: bool,
    /// Whether it was read as an empty list or mapping.
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

/// The places of all nodes of the texts that were read into it.
#[derive(Debug, Default)]
pub struct Places {
    places: Vec<Place>,
    /// Comments of the document that was read last: above its first blank line, and at its end.
    pub document: Comments,
}

/// The file of marks that lead to places. No table has so many files.
const FILE: FileId = FileId(u32::MAX);
/// Flag in a mark: the place has comments.
const COMMENTED: u32 = 1 << 31;

/// Why the place of a node is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Its mapping merges one that has a merge key itself.
    NestedMerge,
    /// A null became a list or mapping.
    FilledNull,
    /// A patch has a comment at the list or mapping.
    PatchComment,
    /// A generator merged into it or replaced it.
    GeneratorBehavior,
    /// The empty data of a generated Secret.
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

    /// The reason, if the mark is that of a lost place.
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
    /// Whether a mark leads to a place, or to the reason why there is none.
    pub fn has(mark: Mark) -> bool {
        mark.file == FILE
    }

    /// The mark with the flag for comments, if its place has comments.
    pub fn noting_comments(&self, mark: Mark) -> Mark {
        match self.get(mark) {
            Some(place) if place.comments != Comments::default() => {
                Mark::new(mark.file, mark.line | COMMENTED)
            }
            _ => mark,
        }
    }

    /// Whether a mark has the flag for comments.
    pub fn notes_comments(mark: Mark) -> bool {
        Places::has(mark) && mark.line & COMMENTED != 0 && Lost::of(mark).is_none()
    }

    /// The place of a mark, if it has one.
    pub fn get(&self, mark: Mark) -> Option<&Place> {
        self.places.get(index(mark)?)
    }

    pub(crate) fn get_mut(&mut self, mark: Mark) -> Option<&mut Place> {
        self.places.get_mut(index(mark)?)
    }

    /// Adds a place and returns the mark that leads to it.
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
