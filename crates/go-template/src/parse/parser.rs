//! Tokens of a template turn into trees.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::lex::{Lexer, Options, Token, TokenKind};
use super::number::Number;
use super::tree::{Branch, Command, List, Node, Operand, Pipeline, Source, Tree, Variable};
use crate::error::ParseError;
use crate::strconv::unquote;
use go_std::quote::quote_bytes as quote;
use go_std::text::lossy;

/// Deepest nesting, far above that of real templates: parsing, execution and dropping are recursive.
const DEPTH: u32 = 1_000;

/// The configurable parts of the language.
pub(crate) struct Syntax<'s> {
    pub(crate) left: &'s str,
    pub(crate) right: &'s str,
    pub(crate) is_function: &'s dyn Fn(&str) -> bool,
}

type Result<T> = std::result::Result<T, ParseError>;

/// Parses the templates of a source: itself, and those that it defines, in the order of their ends.
pub(crate) fn parse(source: &Arc<Source>, syntax: &Syntax<'_>) -> Result<Vec<Tree>> {
    let options = Options {
        left: syntax.left.as_bytes(),
        right: syntax.right.as_bytes(),
        break_is_keyword: !(syntax.is_function)("break"),
        continue_is_keyword: !(syntax.is_function)("continue"),
    };
    let mut shared = Shared {
        lexer: Lexer::new(source.text.as_bytes(), options),
        source: Arc::clone(source),
        syntax,
        trees: Vec::new(),
        names: HashMap::new(),
        depth: 0,
    };
    let mut parser = Parser::new(&mut shared);
    let root = parser.root()?;
    parser.add(Arc::clone(&source.name), root)?;
    Ok(shared.trees)
}

/// State shared by the parsers of all templates of one source.
struct Shared<'t, 's> {
    lexer: Lexer<'t>,
    source: Arc<Source>,
    syntax: &'s Syntax<'s>,
    trees: Vec<Tree>,
    /// The index of each name in `trees`.
    names: HashMap<Arc<str>, usize>,
    depth: u32,
}

/// Parses one template.
struct Parser<'p, 't, 's> {
    shared: &'p mut Shared<'t, 's>,
    /// The last token read, at 0, and those before it that were put back.
    tokens: [Option<Token<'t>>; 3],
    /// How many of them to read again.
    back: usize,
    variables: Vec<Arc<str>>,
    ranges: u32,
    /// Line of the left delimiter of the current action; 0 outside of actions.
    action_line: u32,
}

/// The action that ends a list.
enum End {
    End,
    Else,
}

enum Item {
    Node(Node),
    End(End),
}

impl<'t, 's> Parser<'_, 't, 's> {
    fn new<'p>(shared: &'p mut Shared<'t, 's>) -> Parser<'p, 't, 's> {
        Parser {
            shared,
            tokens: [None, None, None],
            back: 0,
            variables: vec!["$".into()],
            ranges: 0,
            action_line: 0,
        }
    }

    fn root(&mut self) -> Result<List> {
        let mut list = List::default();
        loop {
            match self.peek().kind {
                TokenKind::EndOfText => return Ok(list),
                TokenKind::LeftDelimiter => {
                    let delimiter = self.next();
                    if self.next_non_space().kind == TokenKind::Define {
                        self.definition()?;
                        continue;
                    }
                    self.back_up_to(delimiter);
                }
                _ => {}
            }
            match self.text_or_action()? {
                Item::Node(node) => list.nodes.push(node),
                Item::End(end) => return Err(self.error(format!("unexpected {}", end.shown()))),
            }
        }
    }

    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let mut inner = Parser::new(self.shared);
        let token = inner.next_non_space();
        let name = inner.template_name(&token, CONTEXT)?;
        inner.expect(TokenKind::RightDelimiter, CONTEXT)?;
        inner.body(name, CONTEXT)
    }

    /// The body of a template that is defined within another one.
    fn body(mut self, name: Arc<str>, context: &str) -> Result<()> {
        let (list, end) = self.list()?;
        if let End::Else = end {
            return Err(self.error(format!("unexpected {} in {context}", end.shown())));
        }
        self.add(name, list)
    }

    /// Adds a template. Any other definition replaces an empty one.
    fn add(&mut self, name: Arc<str>, root: List) -> Result<()> {
        let tree = Tree {
            name,
            source: Arc::clone(&self.shared.source),
            root,
        };
        let place = self.shared.names.get(&tree.name).copied();
        match place.and_then(|place| self.shared.trees.get_mut(place)) {
            Some(old) if old.is_empty() => *old = tree,
            Some(_) if tree.is_empty() => {}
            Some(_) => {
                let name = quote(tree.name.as_bytes());
                return Err(self.error(format!("template: multiple definition of template {name}")));
            }
            None => {
                let place = self.shared.trees.len();
                self.shared.names.insert(Arc::clone(&tree.name), place);
                self.shared.trees.push(tree);
            }
        }
        Ok(())
    }

    fn list(&mut self) -> Result<(List, End)> {
        let mut list = List::default();
        loop {
            if self.peek_non_space() == TokenKind::EndOfText {
                return Err(self.error("unexpected EOF"));
            }
            match self.text_or_action()? {
                Item::Node(node) => list.nodes.push(node),
                Item::End(end) => return Ok((list, end)),
            }
        }
    }

    fn text_or_action(&mut self) -> Result<Item> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::Text => Ok(Item::Node(Node::Text(token.position, (&*token.text).into()))),
            TokenKind::LeftDelimiter => {
                self.action_line = token.line;
                let item = self.nested("actions are nested too deeply", Self::action);
                self.action_line = 0;
                item
            }
            _ => Err(self.unexpected(&token, "input")),
        }
    }

    fn action(&mut self) -> Result<Item> {
        let token = self.next_non_space();
        let node = match token.kind {
            TokenKind::Block => self.block()?,
            TokenKind::Break => {
                self.loop_control("{{break}}")?;
                Node::Break
            }
            TokenKind::Continue => {
                self.loop_control("{{continue}}")?;
                Node::Continue
            }
            TokenKind::Else => {
                // The `if` of an `else if` is parsed by its branch.
                if !matches!(self.peek_non_space(), TokenKind::If | TokenKind::With) {
                    self.expect(TokenKind::RightDelimiter, "else")?;
                }
                return Ok(Item::End(End::Else));
            }
            TokenKind::End => {
                self.expect(TokenKind::RightDelimiter, "end")?;
                return Ok(Item::End(End::End));
            }
            TokenKind::If | TokenKind::With | TokenKind::Range => self.control(token.kind)?,
            TokenKind::Template => self.template()?,
            _ => {
                self.back_up();
                let position = self.peek().position;
                Node::Action(position, self.pipeline("command", TokenKind::RightDelimiter)?)
            }
        };
        Ok(Item::Node(node))
    }

    /// Parses one level deeper.
    fn nested<T>(&mut self, too_deep: &str, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.shared.depth >= DEPTH {
            return Err(self.error(too_deep));
        }
        self.shared.depth += 1;
        let parsed = crate::stack::grow(|| parse(self));
        self.shared.depth -= 1;
        parsed
    }

    fn loop_control(&mut self, word: &str) -> Result<()> {
        let token = self.next_non_space();
        if token.kind != TokenKind::RightDelimiter {
            return Err(self.unexpected(&token, word));
        }
        if self.ranges == 0 {
            return Err(self.error(format!("{word} outside {{{{range}}}}")));
        }
        Ok(())
    }

    fn control(&mut self, word: TokenKind) -> Result<Node> {
        let variables = self.variables.len();
        let context = match word {
            TokenKind::If => "if",
            TokenKind::With => "with",
            _ => "range",
        };
        let pipeline = self.pipeline(context, TokenKind::RightDelimiter)?;
        let ranges = u32::from(word == TokenKind::Range);
        self.ranges += ranges;
        let (list, end) = self.list()?;
        self.ranges -= ranges;
        let otherwise = match end {
            End::End => None,
            End::Else if word != TokenKind::Range && self.peek().kind == word => {
                self.next();
                // The chain shares one `end`, so each link is a level deeper.
                let node = self.nested("actions are nested too deeply", |parser| parser.control(word))?;
                Some(List { nodes: vec![node] })
            }
            End::Else => {
                let (list, end) = self.list()?;
                if let End::Else = end {
                    return Err(self.error(format!("expected end; found {}", end.shown())));
                }
                Some(list)
            }
        };
        self.variables.truncate(variables);
        let branch = Branch {
            pipeline,
            list,
            otherwise,
        };
        Ok(match word {
            TokenKind::If => Node::If(branch),
            TokenKind::With => Node::With(branch),
            _ => Node::Range(branch),
        })
    }

    fn block(&mut self) -> Result<Node> {
        const CONTEXT: &str = "block clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipeline = self.pipeline(CONTEXT, TokenKind::RightDelimiter)?;
        Parser::new(self.shared).body(Arc::clone(&name), CONTEXT)?;
        Ok(Node::Template(token.position, name, Some(pipeline)))
    }

    fn template(&mut self) -> Result<Node> {
        const CONTEXT: &str = "template clause";
        let token = self.next_non_space();
        let name = self.template_name(&token, CONTEXT)?;
        let pipeline = if self.next_non_space().kind == TokenKind::RightDelimiter {
            None
        } else {
            self.back_up();
            Some(self.pipeline(CONTEXT, TokenKind::RightDelimiter)?)
        };
        Ok(Node::Template(token.position, name, pipeline))
    }

    fn template_name(&mut self, token: &Token<'t>, context: &str) -> Result<Arc<str>> {
        match token.kind {
            TokenKind::QuotedText | TokenKind::RawText => {
                let name = unquote(&token.str()).ok_or_else(|| self.error("invalid syntax"))?;
                Ok(lossy(&name).into())
            }
            _ => Err(self.unexpected(token, context)),
        }
    }

    fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline> {
        self.peek_non_space();
        let mut pipeline = Pipeline {
            position: self.peek().position,
            variables: Vec::new(),
            assigns: false,
            commands: Vec::new(),
        };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.next_non_space();
            if token.kind == end {
                break;
            }
            if !is_operand_start(token.kind) {
                return Err(self.unexpected(&token, context));
            }
            self.back_up();
            let command = self.command()?;
            pipeline.commands.push(command);
        }
        if pipeline.commands.is_empty() {
            return Err(self.error(format!("missing value for {context}")));
        }
        for (index, command) in pipeline.commands.iter().enumerate().skip(1) {
            use Operand::{Bool, Dot, Nil, Number, Text};
            if let Some(Bool(..) | Dot(_) | Nil(_) | Number(..) | Text(..)) = command.operands.first() {
                return Err(self.error(format!("non executable command in pipeline stage {}", index + 1)));
            }
        }
        Ok(pipeline)
    }

    /// `$x :=`, `$x =`, and in a range also `$i, $x :=`.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Result<()> {
        while self.peek_non_space() == TokenKind::Variable {
            let variable = self.next();
            // One or two more tokens decide whether this is a declaration or an argument.
            let after = self.peek();
            self.peek_non_space();
            let next = self.peek();
            match next.kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipeline.assigns = next.kind == TokenKind::Assign;
                    self.next_non_space();
                    self.declare(pipeline, &variable);
                    return Ok(());
                }
                TokenKind::Char if *next.text == *b"," => {
                    self.next_non_space();
                    self.declare(pipeline, &variable);
                    if context != "range" || pipeline.variables.len() > 1 {
                        return Err(self.error(format!("too many declarations in {context}")));
                    }
                    match self.peek_non_space() {
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParen => {}
                        _ => return Err(self.error("range can only initialize variables")),
                    }
                }
                _ if after.kind == TokenKind::Space => {
                    self.tokens[2] = Some(variable);
                    self.tokens[1] = Some(after);
                    self.back = 3;
                    return Ok(());
                }
                _ => {
                    self.back_up_to(variable);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn declare(&mut self, pipeline: &mut Pipeline, token: &Token<'t>) {
        let variable = variable(token.position, &token.str());
        self.variables.push(token.str().into());
        pipeline.variables.push(variable);
    }

    /// Operands up to a `|`, which is consumed, or to the end of the pipeline, which is not.
    fn command(&mut self) -> Result<Command> {
        self.peek_non_space();
        let mut command = Command {
            position: self.peek().position,
            operands: Vec::new(),
        };
        loop {
            self.peek_non_space();
            if let Some(operand) = self.operand()? {
                command.operands.push(operand);
            }
            let token = self.next();
            match token.kind {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParen => {
                    self.back_up();
                    break;
                }
                TokenKind::Pipe => break,
                _ => return Err(self.unexpected(&token, "operand")),
            }
        }
        if command.operands.is_empty() {
            return Err(self.error("empty command"));
        }
        Ok(command)
    }

    fn operand(&mut self) -> Result<Option<Operand>> {
        let Some(term) = self.term()? else {
            return Ok(None);
        };
        let first = self.peek();
        if first.kind != TokenKind::Field {
            return Ok(Some(term));
        }
        let mut fields = Vec::new();
        while self.peek().kind == TokenKind::Field {
            let token = self.next();
            fields.push(field_name(&token));
        }
        Ok(Some(match term {
            Operand::Field(_, mut names) => {
                names.extend(fields);
                Operand::Field(first.position, names)
            }
            Operand::Variable(mut variable) => {
                variable.fields.extend(fields);
                variable.position = first.position;
                Operand::Variable(variable)
            }
            Operand::Bool(..)
            | Operand::Text(..)
            | Operand::Number(..)
            | Operand::Nil(_)
            | Operand::Dot(_) => {
                let term = quote(term.to_string().as_bytes());
                return Err(self.error(format!("unexpected . after term {term}")));
            }
            term => Operand::Chain(first.position, Box::new(term), fields),
        }))
    }

    fn term(&mut self) -> Result<Option<Operand>> {
        let token = self.next_non_space();
        let position = token.position;
        Ok(Some(match token.kind {
            TokenKind::Identifier => {
                let name = token.str();
                if !(self.shared.syntax.is_function)(&name) {
                    let name = quote(name.as_bytes());
                    return Err(self.error(format!("function {name} not defined")));
                }
                Operand::Function(position, name.into())
            }
            TokenKind::Dot => Operand::Dot(position),
            TokenKind::Nil => Operand::Nil(position),
            TokenKind::Bool => Operand::Bool(position, *token.text == *b"true"),
            TokenKind::Field => Operand::Field(position, vec![field_name(&token)]),
            TokenKind::Variable => {
                if !self.variables.iter().any(|name| **name == *token.str()) {
                    let name = quote(&token.text);
                    return Err(self.error(format!("undefined variable {name}")));
                }
                Operand::Variable(variable(position, &token.str()))
            }
            TokenKind::Number => Operand::Number(position, self.number(Number::plain(&token.str()))?),
            TokenKind::Complex => Operand::Number(position, self.number(Number::complex(&token.str()))?),
            TokenKind::Character => Operand::Number(position, self.number(Number::character(&token.str()))?),
            TokenKind::QuotedText | TokenKind::RawText => {
                let text = unquote(&token.str()).ok_or_else(|| self.error("invalid syntax"))?;
                Operand::Text(position, token.str().into(), text.into())
            }
            TokenKind::LeftParen => {
                Operand::Pipeline(self.nested("max expression depth exceeded", |parser| {
                    parser.pipeline("parenthesized pipeline", TokenKind::RightParen)
                })?)
            }
            _ => {
                self.back_up();
                return Ok(None);
            }
        }))
    }

    fn number(&self, number: std::result::Result<Number, String>) -> Result<Number> {
        number.map_err(|message| self.error(message))
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<()> {
        let token = self.next_non_space();
        if token.kind == kind {
            Ok(())
        } else {
            Err(self.unexpected(&token, context))
        }
    }

    fn next(&mut self) -> Token<'t> {
        if self.back > 0 {
            self.back -= 1;
        } else {
            self.tokens[0] = Some(self.shared.lexer.token());
        }
        let token = self.tokens.get(self.back).cloned().flatten();
        token.unwrap_or_else(|| self.shared.lexer.token())
    }

    fn peek(&mut self) -> Token<'t> {
        let token = self.next();
        self.back_up();
        token
    }

    fn back_up(&mut self) {
        self.back += 1;
    }

    /// Puts back the last token and the one before it.
    fn back_up_to(&mut self, before: Token<'t>) {
        self.tokens[1] = Some(before);
        self.back = 2;
    }

    fn next_non_space(&mut self) -> Token<'t> {
        loop {
            let token = self.next();
            if token.kind != TokenKind::Space {
                return token;
            }
        }
    }

    /// Skips space, and returns the kind of the next token.
    fn peek_non_space(&mut self) -> TokenKind {
        let kind = self.next_non_space().kind;
        self.back_up();
        kind
    }

    /// An error at the line of the last token that was read.
    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError {
            file: Arc::clone(&self.shared.source.name),
            line: self.tokens[0].as_ref().map_or(0, |token| token.line),
            message: message.into(),
        }
    }

    fn unexpected(&self, token: &Token<'t>, context: &str) -> ParseError {
        if token.kind != TokenKind::Error {
            return self.error(format!("unexpected {} in {context}", token.shown()));
        }
        let message = token.shown();
        if self.action_line == 0 || self.action_line == token.line {
            return self.error(message);
        }
        let action = if message.ends_with(" action") {
            ""
        } else {
            " in action"
        };
        self.error(format!(
            "{message}{action} started at {}:{}",
            self.shared.source.name, self.action_line
        ))
    }
}

impl End {
    fn shown(&self) -> &'static str {
        match self {
            End::End => "{{end}}",
            End::Else => "{{else}}",
        }
    }
}

fn is_operand_start(kind: TokenKind) -> bool {
    use TokenKind::{
        Bool, Character, Complex, Dot, Field, Identifier, LeftParen, Nil, Number, QuotedText, RawText,
        Variable,
    };
    matches!(
        kind,
        Bool | Character
            | Complex
            | Dot
            | Field
            | Identifier
            | Number
            | Nil
            | RawText
            | QuotedText
            | Variable
            | LeftParen
    )
}

fn variable(position: usize, name: &str) -> Variable {
    Variable {
        position,
        name: name.into(),
        fields: Vec::new(),
    }
}

fn field_name(token: &Token<'_>) -> Arc<str> {
    token.str().trim_start_matches('.').into()
}
