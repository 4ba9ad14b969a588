//! The engine by its public face.

mod functions;
mod limits;
mod marks;
mod objects;
mod sets;
mod text_template;
