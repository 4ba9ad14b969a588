//! scratch
use std::sync::Arc; use std::io::{BufRead,Write};
use go_template::*; use serde_json::Value as Json;
fn conv(json: &Json) -> Value { match json {
  Json::Null => Value::NIL, Json::Bool(b)=>Value::bool(*b), Json::Number(n)=>Value::float(n.as_f64().unwrap()), Json::String(s)=>Value::text(s.as_str()),
  Json::Array(a)=>Value::list(a.iter().map(conv).collect()), Json::Object(o)=>Value::map(o.iter().map(|(k,v)|(Text::from(k.as_str()),conv(v))).collect()) } }
const F: &[(&str, Function)] = &[
 ("list", Function::variadic(&[], Type::Any, |_,a| Ok(Value::list(a.0.to_vec())))),
 ("dict", Function::variadic(&[], Type::Any, |c,a| { let mut m = std::collections::BTreeMap::new(); for p in a.0.chunks_exact(2) { m.insert(fmt::sprint(&p[..1], c.budget())?, p[1].clone()); } Ok(Value::map(m)) })),
 ("int64", Function::new(&[Type::Int], |_,a| Ok(Value::int64(a.int(0))))),
 ("uint64", Function::new(&[Type::Int], |_,a| Ok(Value::new(Kind::Uint64(a.int(0).cast_unsigned()))))),
 ("upper", Function::new(&[Type::Text], |_,a| Ok(Value::text(a.text(0).to_str().to_uppercase())))),
 ("words", Function::new(&[Type::Text], |_,a| Ok(Value::texts(a.text(0).to_str().split_whitespace())))),
 ("repeat", Function::new(&[Type::Int, Type::Text], |_,a| if a.int(0) > 100 { Err(format!("too many: {}", a.int(0)).into()) } else if a.int(0) < 0 { Err("strings: negative Repeat count".into()) } else { Ok(Value::text(a.text(1).to_str().repeat(a.int(0) as usize))) })),
 ("bytes", Function::new(&[Type::Text], |_,a| Ok(Value::bytes(a.text(0).clone())))),
 ("keys", Function::new(&[Type::Map], |_,a| Ok(Value::size(a.map(0).len())))),
 ("ints", Function::new(&[Type::Int], |_,a| if a.int(0) < 0 || a.int(0) > 10_000_000 { Err("runtime error: makeslice: len out of range".into()) } else {Ok(Value::list_of(ListType::Int, (0..a.int(0)).map(Value::int).collect())) })),
];
fn main(){ let lib = Arc::new(Library::new().with(F.iter().copied())); let out = std::io::stdout(); let mut out = out.lock();
 for line in std::io::stdin().lock().lines() { let c: Json = serde_json::from_str(&line.unwrap()).unwrap();
  let mut t = Templates::new("gotpl", lib.clone()).with_missing_key(MissingKey::Zero);
  let r = match t.parse("t", c["T"].as_str().unwrap()) { Err(e) => Err(e.to_string()), Ok(()) => t.execute("t", conv(&c["D"]), &Execution::default()).map(|o| o.text.to_string()).map_err(|e| e.to_string()) };
  let j = match r { Ok(o) => serde_json::json!({"Out":o,"Err":""}), Err(e) => serde_json::json!({"Out":"","Err":e}) };
  writeln!(out, "{j}").unwrap(); } }
