//! Tokens turn into a template.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};

use super::ast::{Branch, Command, Kind, List, Node, Operand, Pipeline};
use super::lex::{Token, TokenKind, lex};
use super::literal::{number, string};
use super::{Template, TemplateError, functions};

/// Deeper nesting than any real template has; the parser and the execution are recursive.
const DEPTH: u32 = 100;

type Result<T> = std::result::Result<T, TemplateError>;

pub(super) fn parse(text: &str) -> Result<Template> {
    let mut parser = Parser {
        tokens: lex(text)?,
        at: 0,
        depth: 0,
        scope: Scope::default(),
        defined: HashMap::new(),
    };
    let root = parser.root()?;
    Ok(Template {
        root,
        defined: parser.defined,
    })
}

/// What is visible inside of one template.
struct Scope {
    variables: Vec<Rc<str>>,
    ranges: u32,
}

impl Default for Scope {
    fn default() -> Self {
        Scope {
            variables: vec!["$".into()],
            ranges: 0,
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    scope: Scope,
    defined: HashMap<String, Rc<List>>,
}

/// What ends a list.
enum End {
    End,
    /// The line.
    Else(u32),
}

impl Parser {
    fn root(&mut self) -> Result<List> {
        let mut list = List::new();
        loop {
            match self.peek() {
                TokenKind::EndOfText => return Ok(list),
                TokenKind::LeftDelimiter if self.peek_action() == TokenKind::Define => {
                    self.next();
                    self.next_non_space();
                    self.definition()?;
                }
                _ => match self.text_or_action()? {
                    Item::Node(node) => list.push(node),
                    Item::End(end) => return Err(self.fault(end.unexpected())),
                },
            }
        }
    }

    fn definition(&mut self) -> Result<()> {
        let name = self.template_name("define")?;
        self.expect(TokenKind::RightDelimiter, "define")?;
        let list = self.own_scope()?;
        self.define(name, list)
    }

    /// The list of a template of its own.
    fn own_scope(&mut self) -> Result<List> {
        let outer = std::mem::take(&mut self.scope);
        let (list, end) = self.list()?;
        self.scope = outer;
        match end {
            End::End => Ok(list),
            End::Else(_) => Err(self.fault(end.unexpected())),
        }
    }

    /// An empty definition gives way to any other one.
    fn define(&mut self, name: String, list: List) -> Result<()> {
        let old = self.defined.get(&name);
        if old.is_none_or(|old| is_empty(old)) {
            self.defined.insert(name, Rc::new(list));
        } else if !is_empty(&list) {
            return Err(self.fault(format!("multiple definition of template {name:?}")));
        }
        Ok(())
    }

    fn list(&mut self) -> Result<(List, End)> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.fault("actions are nested too deeply"));
        }
        let mut list = List::new();
        loop {
            if self.peek() == TokenKind::EndOfText {
                let line = self.tokens.last().map_or(1, |token| token.line);
                return Err(fault_at(line, "unexpected end of the template"));
            }
            match self.text_or_action()? {
                Item::Node(node) => list.push(node),
                Item::End(end) => {
                    self.depth -= 1;
                    return Ok((list, end));
                }
            }
        }
    }

    fn text_or_action(&mut self) -> Result<Item> {
        let token = self.next();
        match token.kind {
            TokenKind::Text => Ok(Item::Node(Node {
                kind: Kind::Text(token.text),
                line: token.line,
            })),
            TokenKind::LeftDelimiter => self.action(),
            _ => Err(unexpected(&token, "input")),
        }
    }

    fn action(&mut self) -> Result<Item> {
        let word = self.peek_non_space().clone();
        let line = word.line;
        let kind = match word.kind {
            TokenKind::Else => {
                self.next_non_space();
                // `else if` leaves its `if` to the branch that it belongs to.
                if !matches!(self.peek_non_space().kind, TokenKind::If | TokenKind::With) {
                    self.expect(TokenKind::RightDelimiter, "else")?;
                }
                return Ok(Item::End(End::Else(line)));
            }
            TokenKind::End => {
                self.next_non_space();
                self.expect(TokenKind::RightDelimiter, "end")?;
                return Ok(Item::End(End::End));
            }
            TokenKind::If | TokenKind::With | TokenKind::Range => {
                self.next_non_space();
                self.control(word.kind)?
            }
            TokenKind::Break | TokenKind::Continue => {
                self.next_non_space();
                self.expect(TokenKind::RightDelimiter, &word.text)?;
                if self.scope.ranges == 0 {
                    return Err(fault_at(line, format!("{} outside of range", word.text)));
                }
                if word.kind == TokenKind::Break {
                    Kind::Break
                } else {
                    Kind::Continue
                }
            }
            TokenKind::Template => {
                self.next_non_space();
                let name = self.template_name("template")?;
                let pipeline = if self.peek_non_space().kind == TokenKind::RightDelimiter {
                    self.next_non_space();
                    None
                } else {
                    Some(self.pipeline("template", TokenKind::RightDelimiter)?)
                };
                Kind::Template(name, pipeline)
            }
            TokenKind::Block => {
                self.next_non_space();
                let name = self.template_name("block")?;
                let pipeline = self.pipeline("block", TokenKind::RightDelimiter)?;
                let list = self.own_scope()?;
                self.define(name.clone(), list)?;
                Kind::Template(name, Some(pipeline))
            }
            _ => Kind::Action(self.pipeline("command", TokenKind::RightDelimiter)?),
        };
        Ok(Item::Node(Node { kind, line }))
    }

    fn control(&mut self, word: TokenKind) -> Result<Kind> {
        let variables = self.scope.variables.len();
        let context = match word {
            TokenKind::If => "if",
            TokenKind::With => "with",
            _ => "range",
        };
        let pipeline = self.pipeline(context, TokenKind::RightDelimiter)?;
        let ranges = u32::from(word == TokenKind::Range);
        self.scope.ranges += ranges;
        let (list, end) = self.list()?;
        self.scope.ranges -= ranges;
        let otherwise = match end {
            End::End => None,
            End::Else(line) if word != TokenKind::Range && self.peek() == word => {
                self.next();
                // The chain shares one `end`, so that it is as deep as it is long.
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(self.fault("actions are nested too deeply"));
                }
                let kind = self.control(word)?;
                self.depth -= 1;
                Some(vec![Node { kind, line }])
            }
            End::Else(_) => {
                let (list, end) = self.list()?;
                if let End::Else(_) = end {
                    return Err(self.fault("expected end; found else"));
                }
                Some(list)
            }
        };
        self.scope.variables.truncate(variables);
        let branch = Branch {
            pipeline,
            list,
            otherwise,
        };
        Ok(match word {
            TokenKind::If => Kind::If(branch),
            TokenKind::With => Kind::With(branch),
            _ => Kind::Range(branch),
        })
    }

    fn pipeline(&mut self, context: &str, end: TokenKind) -> Result<Pipeline> {
        let mut pipeline = Pipeline {
            variables: Vec::new(),
            assigns: false,
            commands: Vec::new(),
            line: self.peek_non_space().line,
        };
        self.declarations(&mut pipeline, context)?;
        loop {
            let token = self.peek_non_space();
            if token.kind == end {
                self.next_non_space();
                break;
            }
            if !starts_operand(token.kind) {
                let token = token.clone();
                return Err(unexpected(&token, context));
            }
            let command = self.command()?;
            pipeline.commands.push(command);
        }
        if pipeline.commands.is_empty() {
            return Err(self.fault(format!("missing value for {context}")));
        }
        for (index, command) in pipeline.commands.iter().enumerate().skip(1) {
            use Operand::{Bool, Dot, Nil, Number, Text};
            if let Some(Bool(_) | Dot | Nil | Number(_) | Text(_)) = command.operands.first() {
                return Err(fault_at(
                    command.line,
                    format!("non executable command in pipeline stage {}", index + 1),
                ));
            }
        }
        Ok(pipeline)
    }

    /// `$x :=`, `$x =`, and in a range also `$i, $x :=`.
    fn declarations(&mut self, pipeline: &mut Pipeline, context: &str) -> Result<()> {
        loop {
            let start = self.at;
            let variable = self.peek_non_space().clone();
            if variable.kind != TokenKind::Variable {
                return Ok(());
            }
            self.next_non_space();
            let kind = self.peek_non_space().kind;
            match kind {
                TokenKind::Assign | TokenKind::Declare => {
                    pipeline.assigns = kind == TokenKind::Assign;
                    self.next_non_space();
                    self.declare(pipeline, &variable);
                    return Ok(());
                }
                TokenKind::Comma => {
                    self.next_non_space();
                    self.declare(pipeline, &variable);
                    if context != "range" || pipeline.variables.len() > 1 {
                        return Err(self.fault(format!("too many declarations in {context}")));
                    }
                    match self.peek_non_space().kind {
                        TokenKind::Variable | TokenKind::RightDelimiter | TokenKind::RightParen => {}
                        _ => return Err(self.fault("range can only initialize variables")),
                    }
                }
                _ => {
                    self.at = start;
                    return Ok(());
                }
            }
        }
    }

    fn declare(&mut self, pipeline: &mut Pipeline, variable: &Token) {
        let name: Rc<str> = variable.text.as_str().into();
        pipeline.variables.push(Rc::clone(&name));
        self.scope.variables.push(name);
    }

    /// Operands up to a `|`, which is taken, or to the end of the pipeline, which is not.
    fn command(&mut self) -> Result<Command> {
        let mut command = Command {
            operands: Vec::new(),
            line: self.peek_non_space().line,
        };
        loop {
            self.peek_non_space();
            while self.peek() == TokenKind::Space {
                self.next();
            }
            if starts_operand(self.peek()) {
                let operand = self.operand()?;
                command.operands.push(operand);
            }
            match self.peek() {
                TokenKind::Space => {}
                TokenKind::RightDelimiter | TokenKind::RightParen => break,
                TokenKind::Pipe => {
                    self.next();
                    break;
                }
                _ => {
                    let token = self.next();
                    return Err(unexpected(&token, "operand"));
                }
            }
        }
        if command.operands.is_empty() {
            return Err(self.fault("empty command"));
        }
        Ok(command)
    }

    fn operand(&mut self) -> Result<Operand> {
        let term = self.term()?;
        let mut fields = Vec::new();
        while self.peek() == TokenKind::Field {
            fields.push(field_name(&self.next()));
        }
        if fields.is_empty() {
            return Ok(term);
        }
        match term {
            Operand::Field(mut names) => {
                names.extend(fields);
                Ok(Operand::Field(names))
            }
            Operand::Variable(name, mut names) => {
                names.extend(fields);
                Ok(Operand::Variable(name, names))
            }
            Operand::Function(_) | Operand::Pipeline(_) => Ok(Operand::Chain(Box::new(term), fields)),
            _ => Err(self.fault("unexpected . after a literal")),
        }
    }

    fn term(&mut self) -> Result<Operand> {
        let token = self.next();
        let fault = |message: String| fault_at(token.line, message);
        Ok(match token.kind {
            TokenKind::Identifier => {
                if !functions::is_defined(&token.text) {
                    return Err(fault(format!("function {:?} not defined", token.text)));
                }
                Operand::Function(token.text)
            }
            TokenKind::Dot => Operand::Dot,
            TokenKind::Nil => Operand::Nil,
            TokenKind::Bool => Operand::Bool(token.text == "true"),
            TokenKind::Field => Operand::Field(vec![field_name(&token)]),
            TokenKind::Variable => {
                if !self.scope.variables.iter().any(|name| **name == *token.text) {
                    return Err(fault(format!("undefined variable {:?}", token.text)));
                }
                Operand::Variable(token.text.as_str().into(), Vec::new())
            }
            TokenKind::Number | TokenKind::Character => Operand::Number(
                number(&token).ok_or_else(|| fault(format!("illegal number {}", token.text)))?,
            ),
            TokenKind::QuotedText | TokenKind::RawText => Operand::Text(string(&token)?.as_str().into()),
            TokenKind::LeftParen => {
                self.depth += 1;
                if self.depth > DEPTH {
                    return Err(fault("expressions are nested too deeply".into()));
                }
                let pipeline = self.pipeline("parenthesized pipeline", TokenKind::RightParen)?;
                self.depth -= 1;
                Operand::Pipeline(pipeline)
            }
            _ => return Err(unexpected(&token, "operand")),
        })
    }

    fn template_name(&mut self, context: &str) -> Result<String> {
        let token = self.next_non_space();
        match token.kind {
            TokenKind::QuotedText | TokenKind::RawText => string(&token),
            _ => Err(unexpected(&token, context)),
        }
    }

    fn expect(&mut self, kind: TokenKind, context: &str) -> Result<()> {
        let token = self.next_non_space();
        if token.kind == kind {
            Ok(())
        } else {
            Err(unexpected(&token, context))
        }
    }

    fn peek(&self) -> TokenKind {
        self.tokens
            .get(self.at)
            .map_or(TokenKind::EndOfText, |token| token.kind)
    }

    /// The first word of the action whose delimiter comes next.
    fn peek_action(&self) -> TokenKind {
        let rest = self.tokens.get(self.at + 1..).unwrap_or_default();
        let word = rest.iter().find(|token| token.kind != TokenKind::Space);
        word.map_or(TokenKind::EndOfText, |token| token.kind)
    }

    fn next(&mut self) -> Token {
        let token = self.tokens.get(self.at).or(self.tokens.last()).cloned();
        self.at += 1;
        token.unwrap_or(Token {
            kind: TokenKind::EndOfText,
            text: String::new(),
            line: 1,
        })
    }

    fn next_non_space(&mut self) -> Token {
        while self.peek() == TokenKind::Space {
            self.at += 1;
        }
        self.next()
    }

    fn peek_non_space(&mut self) -> &Token {
        const END: &Token = &Token {
            kind: TokenKind::EndOfText,
            text: String::new(),
            line: 1,
        };
        while self.peek() == TokenKind::Space {
            self.at += 1;
        }
        self.tokens.get(self.at).or(self.tokens.last()).unwrap_or(END)
    }

    /// An error at the token that was taken last.
    fn fault(&self, message: impl Into<String>) -> TemplateError {
        let token = self.tokens.get(self.at.saturating_sub(1)).or(self.tokens.last());
        fault_at(token.map_or(1, |token| token.line), message)
    }
}

enum Item {
    Node(Node),
    End(End),
}

impl End {
    fn unexpected(&self) -> &'static str {
        match self {
            End::End => "unexpected end",
            End::Else(_) => "unexpected else",
        }
    }
}

fn fault_at(line: u32, message: impl Into<String>) -> TemplateError {
    TemplateError {
        message: message.into(),
        line,
    }
}

fn unexpected(token: &Token, context: &str) -> TemplateError {
    let what = match token.kind {
        TokenKind::EndOfText => "the end".to_owned(),
        _ => format!("{:?}", token.text),
    };
    fault_at(token.line, format!("unexpected {what} in {context}"))
}

fn starts_operand(kind: TokenKind) -> bool {
    use TokenKind::{
        Bool, Character, Dot, Field, Identifier, LeftParen, Nil, Number, QuotedText, RawText, Variable,
    };
    matches!(
        kind,
        Bool | Character
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

/// Whether a definition holds nothing but space.
fn is_empty(list: &List) -> bool {
    list.iter()
        .all(|node| matches!(&node.kind, Kind::Text(text) if text.trim().is_empty()))
}

fn field_name(token: &Token) -> String {
    token.text.trim_start_matches('.').to_owned()
}
