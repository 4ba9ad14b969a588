//! `urlParse` and `urlJoin`.

use std::collections::BTreeMap;

use go_std::url::Url;

use super::result::Result;
use crate::Type::{Map as Dict, Text as Str};
use crate::{Arguments, Caller, Function, Kind, Map, Text, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("urlJoin", Function::new(&[Dict], join)),
    ("urlParse", Function::new(&[Str], parse)),
];

fn parse(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let url = Url::parse(arguments.bytes(0)).map_err(|error| format!("unable to parse url: {error}"))?;
    let userinfo = url.user.as_ref().map(|user| user.text()).unwrap_or_default();
    let hostname = url.hostname().to_vec();
    let parts = [
        ("scheme", url.scheme),
        ("host", url.host),
        ("hostname", hostname),
        ("path", url.path),
        ("query", url.query),
        ("opaque", url.opaque),
        ("fragment", url.fragment),
        ("userinfo", userinfo),
    ];
    let entries: BTreeMap<Text, Value> = parts
        .into_iter()
        .map(|(key, part)| (Text::from(key), Value::text(part)))
        .collect();
    Ok(Value::map(entries))
}

fn join(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let map = arguments.map(0);
    let mut url = Url {
        scheme: component(&map, "scheme")?,
        host: component(&map, "host")?,
        path: component(&map, "path")?,
        query: component(&map, "query")?,
        opaque: component(&map, "opaque")?,
        fragment: component(&map, "fragment")?,
        user: None,
    };
    let userinfo = component(&map, "userinfo")?;
    if !userinfo.is_empty() {
        let text = [b"proto://".as_slice(), &userinfo, b"@host"].concat();
        let parsed =
            Url::parse(&text).map_err(|error| format!("unable to parse userinfo in dict: {error}"))?;
        url.user = parsed.user;
    }
    Ok(Value::text(url.text()))
}

/// An entry of the map, which must be a string; empty if absent.
fn component(map: &Map, key: &str) -> Result<Vec<u8>> {
    let Some(value) = map.get(key) else {
        return Ok(Vec::new());
    };
    match &value.kind {
        Kind::Text(text) => Ok(text.as_bytes().to_vec()),
        Kind::Nil => Err("runtime error: invalid memory address or nil pointer dereference".into()),
        _ => Err(format!(
            "unable to parse {key} key, must be of type string, but {} found",
            value.kind_name()
        )
        .into()),
    }
}
