//! Pipelines and commands.

use super::call::Call;
use super::frame::Frame;
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::{Command, NodeRef, Number, Operand, Pipeline, Variable};
use crate::{FunctionError, Kind, Type, Unknown, Value};

impl<'f> Frame<'f, '_> {
    /// The value of the last command, which is also assigned to the pipeline's variables.
    pub(super) fn pipeline(&mut self, dot: &Slot, pipeline: &'f Pipeline) -> ExecResult<Slot> {
        self.at(NodeRef::Pipeline(pipeline));
        let mut last: Option<Slot> = None;
        for command in &pipeline.commands {
            last = Some(self.command(dot, command, last)?.without_interface());
        }
        let slot = last.unwrap_or(Slot::INVALID);
        for variable in &pipeline.variables {
            if pipeline.assigns {
                self.assign(&variable.name, slot.clone())?;
            } else {
                self.push(&variable.name, slot.clone());
            }
        }
        Ok(slot)
    }

    fn command(&mut self, dot: &Slot, command: &'f Command, last: Option<Slot>) -> ExecResult<Slot> {
        self.spend(1)?;
        let operands = command.operands.as_slice();
        let Some(first) = operands.first() else {
            return Ok(Slot::INVALID);
        };
        match first {
            Operand::Field(_, names) => {
                self.at(NodeRef::Operand(first));
                return self.fields(dot, dot.clone(), first, names, operands, last);
            }
            Operand::Chain(_, start, names) => {
                let start = self.chain_start(dot, first, start)?;
                return self.fields(dot, start, first, names, operands, last);
            }
            Operand::Function(_, name) => {
                self.at(NodeRef::Operand(first));
                let call = Call {
                    node: NodeRef::Command(command),
                    name,
                    operands: operands.get(1..).unwrap_or_default(),
                    last,
                };
                return self.function(dot, call);
            }
            Operand::Pipeline(pipeline) => {
                self.not_a_function(operands, last.as_ref())?;
                return self.nested(dot, pipeline);
            }
            Operand::Variable(variable) => {
                return self.variable_operand(dot, first, variable, operands, last);
            }
            _ => {}
        }
        self.at(NodeRef::Operand(first));
        self.not_a_function(operands, last.as_ref())?;
        match first {
            Operand::Dot(_) => Ok(dot.clone()),
            Operand::Nil(_) => Err(self.error("nil is not a command")),
            _ => self.literal(Type::Any, first).map(Slot::plain),
        }
    }

    /// A pipeline in parentheses.
    pub(super) fn nested(&mut self, dot: &Slot, pipeline: &'f Pipeline) -> ExecResult<Slot> {
        crate::stack::grow(|| self.pipeline(dot, pipeline))
    }

    /// The value before the fields of a chain.
    pub(super) fn chain_start(
        &mut self,
        dot: &Slot,
        chain: &'f Operand,
        start: &'f Operand,
    ) -> ExecResult<Slot> {
        self.at(NodeRef::Operand(chain));
        if let Operand::Nil(_) = start {
            return Err(self.error(format!(
                "indirection through explicit nil in {}",
                NodeRef::Operand(chain)
            )));
        }
        self.at(NodeRef::Operand(start));
        match start {
            Operand::Pipeline(pipeline) => self.nested(dot, pipeline),
            Operand::Function(_, name) => self.function(dot, Call::without_arguments(start, name)),
            _ => Ok(Slot::INVALID),
        }
    }

    pub(super) fn variable_operand(
        &mut self,
        dot: &Slot,
        operand: &'f Operand,
        variable: &'f Variable,
        operands: &'f [Operand],
        last: Option<Slot>,
    ) -> ExecResult<Slot> {
        self.at(NodeRef::Operand(operand));
        let slot = self.variable(&variable.name)?;
        if variable.fields.is_empty() {
            self.not_a_function(operands, last.as_ref())?;
            return Ok(slot);
        }
        self.fields(dot, slot, operand, &variable.fields, operands, last)
    }

    fn not_a_function(&self, operands: &[Operand], last: Option<&Slot>) -> ExecResult<()> {
        match operands {
            [first, rest @ ..] if !rest.is_empty() || last.is_some() => {
                Err(self.error(format!("can't give argument to non-function {first}")))
            }
            _ => Ok(()),
        }
    }

    /// The value of a number for a parameter of any type.
    pub(super) fn ideal(&self, number: &Number) -> ExecResult<Value> {
        if let Some((real, imaginary)) = number.complex {
            return Ok(Value::new(Kind::Complex(real, imaginary)));
        }
        match (number.float, number.int) {
            (Some(float), _) if number.is_float() => Ok(Value::float(float)),
            (_, Some(int)) => Ok(Value::int(int)),
            _ => Err(self.error(format!("{} overflows int", number.text))),
        }
    }

    /// Fails for an unknown value if the execution refuses them.
    pub(super) fn usable(&self, slot: Slot) -> ExecResult<Slot> {
        match slot.value.why_unknown() {
            Some(why) if self.state.unknown() == Unknown::Error => {
                Err(self.failed(FunctionError::unknown(&**why)))
            }
            _ => Ok(slot),
        }
    }
}
