//! The state of one execution, which its functions see as their [`Caller`].

use std::any::Any;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::frame::Frame;
use super::output::Writer;
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::Tree;
use crate::{
    Budget, Caller, ExecError, Execution, FunctionError, Library, MissingKey, ParseError, Parsed, Templates,
    Text, Unknown, Value,
};

/// State shared by all templates of one execution.
pub(super) struct State<'e> {
    templates: &'e Templates,
    own_budget: Budget,
    shared_budget: Option<&'e Budget>,
    host: &'e dyn Any,
    unknown: Unknown,
    /// Templates of the texts being executed, innermost last; they hide those of the set.
    overlays: Vec<Arc<Parsed>>,
    parsed: HashMap<Text, Arc<Parsed>>,
    depth: u32,
    seen_unknown: bool,
    /// Number of templates executed by functions.
    executed: u64,
}

impl<'e> State<'e> {
    pub(super) fn new(templates: &'e Templates, execution: &Execution<'e>) -> Self {
        State {
            templates,
            own_budget: Budget::new(execution.limits),
            shared_budget: execution.budget,
            host: execution.host,
            unknown: execution.unknown,
            overlays: Vec::new(),
            parsed: HashMap::new(),
            depth: 0,
            // If unknown values are refused, every call looks for them.
            executed: 0,
            seen_unknown: execution.unknown == Unknown::Error,
        }
    }

    fn execute_tree(&mut self, tree: &Arc<Tree>, data: Value) -> ExecResult<Value> {
        self.executed += 1;
        self.enter()
            .map_err(|error| Box::new(ExecError::at_start(tree, error)))?;
        let mut writer = Writer::new(false);
        crate::stack::grow(|| Frame::new(self, tree, Slot::plain(data), &mut writer).execute())?;
        self.leave();
        let (text, mark) = writer.into_text();
        Ok(Value::text(text).with_shared_mark(mark))
    }

    /// Enters a template that another one executes.
    pub(super) fn enter(&mut self) -> Result<(), FunctionError> {
        if self.depth >= self.budget().limits().depth {
            // The message has Go's limit, whatever ours is.
            return Err(FunctionError::limit("exceeded maximum template depth (100000)"));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    pub(super) fn tree(&self, name: &str) -> Option<Arc<Tree>> {
        let overlays = self.overlays.iter().rev();
        let hidden = overlays.filter_map(|parsed| parsed.tree(name)).next();
        let base = self.templates.tree(name);
        // An empty definition hides nothing.
        let found = match (hidden, base) {
            (Some(tree), Some(base)) if tree.is_empty() => Some(base),
            (hidden, base) => hidden.or(base),
        };
        found.map(Arc::clone)
    }

    pub(super) fn library(&self) -> &'e Library {
        self.templates.library()
    }

    pub(super) fn missing_key(&self) -> MissingKey {
        self.templates.missing_key()
    }

    pub(super) fn unknown(&self) -> Unknown {
        self.unknown
    }

    pub(super) fn executed(&self) -> u64 {
        self.executed
    }

    pub(super) fn saw_unknown(&mut self) {
        self.seen_unknown = true;
    }

    pub(super) fn has_seen_unknown(&self) -> bool {
        self.seen_unknown
    }
}

impl<'e> Caller<'e> for State<'e> {
    fn budget(&self) -> &Budget {
        self.shared_budget.unwrap_or(&self.own_budget)
    }

    fn host_any(&self) -> &'e dyn Any {
        self.host
    }

    fn execute(&mut self, name: &str, data: Value) -> ExecResult<Value> {
        match self.tree(name) {
            Some(tree) => self.execute_tree(&tree, data),
            None => Err(Box::new(ExecError::undefined(self.templates.name(), name))),
        }
    }

    fn spend_on_parsing(&self, text: &Text) -> Result<(), FunctionError> {
        if self.parsed.contains_key(text) {
            return Ok(());
        }
        self.budget().spend(text.len() as u64)?;
        self.budget().allocate(text.len().saturating_mul(16))
    }

    fn parse(&mut self, text: &Text) -> Result<Arc<Parsed>, ParseError> {
        if let Some(parsed) = self.parsed.get(text) {
            return Ok(Arc::clone(parsed));
        }
        let parsed = Arc::new(self.templates.parse_text(self.templates.name(), text.clone())?);
        self.parsed.insert(text.clone(), Arc::clone(&parsed));
        Ok(parsed)
    }

    fn execute_parsed(&mut self, parsed: &Arc<Parsed>, data: Value) -> ExecResult<Value> {
        let name = self.templates.name();
        let Some(tree) = parsed.tree(name).map(Arc::clone) else {
            return Ok(Value::text(""));
        };
        self.overlays.push(Arc::clone(parsed));
        let result = self.execute_tree(&tree, data);
        self.overlays.pop();
        result
    }
}
